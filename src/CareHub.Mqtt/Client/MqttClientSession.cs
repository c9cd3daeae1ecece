namespace CareHub.Mqtt.Client;

/// <summary>
/// What a client remembers of its session from one connection to the next, MQTT 5.0 §4.1: the messages of QoS 2 that it
/// has taken and that the server has not released yet. Give the same instance to every connection of a client identifier
/// and such a message is delivered once, although the connection broke before the server saw the PUBREC. Kept in memory:
/// after a restart of the process it is delivered again.
/// </summary>
/// <remarks>For one connection at a time.</remarks>
public sealed class MqttClientSession
{
    private readonly Lock _gate = new();
    private readonly HashSet<ushort> _taken = [];
    private int _connection;

    /// <summary>A connection was accepted; without a session on the server there is nothing left to remember.</summary>
    internal int Begin(bool sessionPresent)
    {
        lock (_gate)
        {
            if (!sessionPresent)
            {
                _taken.Clear(); // [MQTT-3.2.2-5]
            }

            return ++_connection;
        }
    }

    internal bool IsTaken(ushort packetId)
    {
        lock (_gate)
        {
            return _taken.Contains(packetId);
        }
    }

    /// <summary>
    /// The message's callback is done. What a former connection still says is ignored: by then the identifier may belong
    /// to another message, which must not be mistaken for a repetition.
    /// </summary>
    internal void Take(int connection, ushort packetId)
    {
        lock (_gate)
        {
            if (connection == _connection)
            {
                _taken.Add(packetId);
            }
        }
    }

    internal void Release(ushort packetId)
    {
        lock (_gate)
        {
            _taken.Remove(packetId);
        }
    }
}
