using CareHub.Storage.Registry;

namespace CareHub.Server;

/// <summary>The current registry snapshot, and a watch that replaces it when anybody changes the registry.</summary>
internal sealed partial class RegistryView(RegistryStore store, ILogger<RegistryView> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Begun before the first load: what is changed in between is seen.</summary>
    private readonly RegistryWatch _watch = new(store);
    private volatile RegistrySnapshot? _current;
    private Task<RegistrySnapshot>? _first = Task.Run(store.Load);

    /// <remarks>The first load goes on beside the rest of the start; whoever asks first waits for it.</remarks>
    public RegistrySnapshot Current => _current ?? First();

    private RegistrySnapshot First()
    {
        if (Volatile.Read(ref _first) is { } loading)
        {
            Interlocked.CompareExchange(ref _current, loading.GetAwaiter().GetResult(), null);

            // A task holds what it has returned: a city twice, once the registry has changed.
            Volatile.Write(ref _first, null);
        }

        return _current!;
    }

    /// <summary>Takes a fresh snapshot now.</summary>
    public void Reload() => _current = store.Load();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (_watch.HasChanged())
                {
                    var fresh = store.Load();
                    _current = fresh;
                    LogReloaded(fresh.Devices.Count, fresh.Sites.Count);
                }
            }
            catch (Exception failure)
            {
                LogFailed(failure);
            }
        }
    }

    public override void Dispose()
    {
        _watch.Dispose();
        base.Dispose();
    }

    [LoggerMessage(1101, LogLevel.Information, "Registry reloaded: {Devices} devices at {Sites} sites")]
    private partial void LogReloaded(int devices, int sites);

    [LoggerMessage(1102, LogLevel.Error, "The registry could not be reloaded; the hub goes on with what it has")]
    private partial void LogFailed(Exception failure);
}
