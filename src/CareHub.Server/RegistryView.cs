using CareHub.Storage.Registry;

namespace CareHub.Server;

/// <summary>The current registry snapshot, and a watch that replaces it when anybody changes the registry.</summary>
internal sealed partial class RegistryView(RegistryStore store, ILogger<RegistryView> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private volatile RegistrySnapshot _current = store.Load();

    public RegistrySnapshot Current => _current;

    /// <summary>Takes a fresh snapshot now.</summary>
    public void Reload() => _current = store.Load();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var watch = new RegistryWatch(store);
        _current = store.Load();
        using var timer = new PeriodicTimer(LookEvery);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (watch.HasChanged())
                {
                    _current = store.Load();
                    LogReloaded(_current.Devices.Count, _current.Sites.Count);
                }
            }
            catch (Exception failure)
            {
                LogFailed(failure);
            }
        }
    }

    [LoggerMessage(1101, LogLevel.Information, "Registry reloaded: {Devices} devices at {Sites} sites")]
    private partial void LogReloaded(int devices, int sites);

    [LoggerMessage(1102, LogLevel.Error, "The registry could not be reloaded; the hub goes on with what it has")]
    private partial void LogFailed(Exception failure);
}
