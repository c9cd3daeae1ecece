using System.Net.Sockets;
using System.Text;
using CareHub.Mqtt.Client;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Torture;

/// <summary>
/// A device as a good one is built: it keeps each signal until it is acknowledged, and after each connection sends again,
/// under the same id, what is not.
/// </summary>
internal sealed class TortureDevice(string id, string[] kinds, int mqttPort, int seed, Ledger ledger)
{
    private const int WindowMax = 12;

    private readonly Random _random = new(seed);
    private readonly Queue<(string Id, byte[] Payload, byte Qos)> _unacknowledged = new();
    private int _made;

    public int Waiting
    {
        get
        {
            lock (_unacknowledged)
            {
                return _unacknowledged.Count;
            }
        }
    }

    /// <summary>Lives until told to finish, and then until all it had to say is acknowledged.</summary>
    /// <param name="finish">From then on nothing new is said.</param>
    public async Task RunAsync(CancellationToken finish, CancellationToken giveUp)
    {
        while (!(finish.IsCancellationRequested && Waiting == 0))
        {
            giveUp.ThrowIfCancellationRequested();
            try
            {
                await using var client = await MqttClient.ConnectAsync(new MqttClientOptions
                {
                    Port = mqttPort,
                    Version = _random.Next(2) == 0 ? MqttVersion.V5 : MqttVersion.V311,
                    ClientId = id,
                    Username = id,
                    Password = TestHub.Secret,
                }, giveUp);
                while (!(finish.IsCancellationRequested && Waiting == 0))
                {
                    if (!finish.IsCancellationRequested)
                    {
                        Say();
                    }

                    await SendAsync(client);
                    await Task.Delay(_random.Next(30), giveUp);
                }
            }
            catch (Exception gone) when (gone is MqttException or SocketException or IOException or TimeoutException)
            {
                // The hub was killed, or is not there yet.
                await Task.Delay(20 + _random.Next(60), giveUp);
            }
        }
    }

    private void Say()
    {
        lock (_unacknowledged)
        {
            for (var room = WindowMax - _unacknowledged.Count; room > 0 && _random.Next(3) > 0; room--)
            {
                var signalId = $"{id}-{++_made}";
                var payload = Encoding.UTF8.GetBytes($$"""{"id":"{{signalId}}","type":"{{kinds[_random.Next(kinds.Length)]}}"}""");
                _unacknowledged.Enqueue((signalId, payload, (byte)_random.Next(1, 3)));
                ledger.NoteSent(id, signalId);
            }
        }
    }

    /// <summary>All that waits, at once and in order; whatever is acknowledged leaves the queue, whatever becomes of the rest.</summary>
    private async Task SendAsync(MqttClient client)
    {
        List<(string Id, byte[] Payload, byte Qos)> waiting;
        lock (_unacknowledged)
        {
            waiting = [.. _unacknowledged];
        }

        var sent = waiting.Select(signal => (signal.Id, Answer: client.PublishAsync($"care/v1/{id}/signal", signal.Payload, signal.Qos))).ToList();
        if (_random.Next(25) == 0)
        {
            // The network breaks before the acknowledgements are here: the hub has these signals, perhaps, and gets them again.
            await client.DisposeAsync();
        }

        var acknowledged = new HashSet<string>(StringComparer.Ordinal);
        Exception? gone = null;
        foreach (var (signalId, answer) in sent)
        {
            try
            {
                if ((byte)(await answer).Reason < 0x80)
                {
                    ledger.NoteAcknowledged(id, signalId);
                    acknowledged.Add(signalId);
                }
            }
            catch (Exception failure) when (failure is MqttException or SocketException or IOException)
            {
                gone = failure;
            }
        }

        lock (_unacknowledged)
        {
            var rest = _unacknowledged.Where(signal => !acknowledged.Contains(signal.Id)).ToList();
            _unacknowledged.Clear();
            rest.ForEach(_unacknowledged.Enqueue);
        }

        if (gone is not null)
        {
            throw new MqttException("The connection ended with signals under way.", inner: gone);
        }
    }
}
