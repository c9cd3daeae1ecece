namespace CareHub.Mqtt.Broker;

/// <summary>Open connections, as a list through the connections themselves: nothing is allocated per entry.</summary>
internal sealed class ConnectionSet
{
    private readonly Lock _lock = new();
    private Connection? _first;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add(Connection connection)
    {
        lock (_lock)
        {
            connection.NextOpen = _first;
            if (_first is not null)
            {
                _first.PreviousOpen = connection;
            }

            _first = connection;
            _count++;
        }
    }

    public void Remove(Connection connection)
    {
        lock (_lock)
        {
            if (connection.PreviousOpen is { } previous)
            {
                previous.NextOpen = connection.NextOpen;
            }
            else
            {
                _first = connection.NextOpen;
            }

            if (connection.NextOpen is { } next)
            {
                next.PreviousOpen = connection.PreviousOpen;
            }

            connection.NextOpen = null;
            connection.PreviousOpen = null;
            _count--;
        }
    }

    /// <summary>Adds those that meet the condition; the condition must be quick and take no locks.</summary>
    public void Collect(Predicate<Connection> condition, List<Connection> into)
    {
        lock (_lock)
        {
            for (var connection = _first; connection is not null; connection = connection.NextOpen)
            {
                if (condition(connection))
                {
                    into.Add(connection);
                }
            }
        }
    }
}
