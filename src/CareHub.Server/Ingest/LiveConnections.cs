using CareHub.Mqtt.Broker;

namespace CareHub.Server.Ingest;

/// <summary>Who is connected now, and the way to end it.</summary>
internal sealed partial class LiveConnections(RegistryView registry, TimeProvider time, IServiceProvider services, ILogger<LiveConnections> log) : BackgroundService
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<ClientIdentity>> _byName = new(StringComparer.Ordinal);

    public void Add(ClientIdentity client)
    {
        lock (_lock)
        {
            if (!_byName.TryGetValue(client.Name, out var clients))
            {
                _byName[client.Name] = clients = new List<ClientIdentity>(1);
            }

            clients.Add(client);
        }
    }

    public void Remove(ClientIdentity client)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue(client.Name, out var clients) && clients.Remove(client) && clients.Count == 0)
            {
                _byName.Remove(client.Name);
            }
        }
    }

    public bool IsConnected(string name)
    {
        lock (_lock)
        {
            return _byName.ContainsKey(name);
        }
    }

    /// <summary>
    /// Ends every connection that would no longer be let in: its device or service is disabled or gone, or its secret has
    /// been replaced. The registry may be changed by another process, and a login may have been judged by the snapshot
    /// before: so this is asked again each second, besides at once by whoever makes the change.
    /// </summary>
    public void EndUnwelcome()
    {
        List<ClientIdentity> unwelcome;
        var (snapshot, now) = (registry.Current, time.GetUtcNow());
        lock (_lock)
        {
            unwelcome = [.. _byName.Values.SelectMany(clients => clients).Where(client => !client.IsStillWelcome(snapshot, now))];
        }

        // Asked for late: the broker is made with the handler that holds this book.
        var broker = unwelcome.Count == 0 ? null : services.GetRequiredService<MqttServer>();
        foreach (var client in unwelcome)
        {
            if (broker!.Disconnect(client.ClientId))
            {
                LogEnded(client.Name);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            EndUnwelcome();
        }
    }

    [LoggerMessage(6101, LogLevel.Warning, "The connection of {Client} is ended: it is disabled, removed, or its secret was replaced")]
    private partial void LogEnded(string client);
}
