using CareHub.Core.Alarms;
using CareHub.Core.Telemetry;
using CareHub.Core.Triage;
using CareHub.Server.Configuration;
using CareHub.Server.Demo;
using CareHub.Server.Metrics;
using CareHub.Server.Notifications;
using CareHub.Server.Pipeline;
using CareHub.Server.Presence;
using CareHub.Server.Push;
using CareHub.Server.Rules;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Registry;
using Microsoft.AspNetCore.Identity;

namespace CareHub.Server;

/// <summary>Brings back what the hub knew: the demo if asked for, open alarms, presence, deadlines.</summary>
internal sealed partial class StartUp : IAsyncDisposable
{
    /// <summary>A heap larger than this after a start is worth a collection; a small hub's is not.</summary>
    private const long GarbageOfStartBytes = 128 * 1024 * 1024;

    private readonly IServiceScopeFactory _scopes;
    private readonly HubOptions _options;
    private readonly LiveQueue _queue;
    private readonly IReadOnlyDictionary<string, SiteState> _sites;
    private readonly SilenceBook _silences;
    private readonly OutboxBell _bell;
    private readonly PresenceBook _presence;
    private readonly PresenceStore _presenceStore;
    private readonly TimeProvider _time;
    private readonly RuleView _rules;
    private readonly ILogger<StartUp> _log;

    public StartUp(IAlarmLedger ledger, HubMeter meter, TriageCounts counts, RuleView rules, TimeProvider time, LiveQueue queue, SilenceBook silences, ConsoleBook consoles, AlarmScope scope, AddressBook addresses, OutboxBell bell, PresenceBook presence, PresenceStore presenceStore, HubOptions options, IServiceScopeFactory scopes, ILoggerFactory logs)
    {
        (_scopes, _options, _queue, _presence, _presenceStore, _time) = (scopes, options, queue, presence, presenceStore, time);
        _log = logs.CreateLogger<StartUp>();
        _sites = ledger.LoadSites();
        _silences = silences;
        _bell = bell;
        Pipeline = new TriagePipeline(new MeteredLedger(ledger, meter, counts, time), _sites, () => rules.Current, siteId => consoles.IsStaffed(siteId, scope), addresses.For, time, Publish, logs);
        _rules = rules;
        rules.Changed = RulesHaveChangedAsync;
    }

    public TriagePipeline Pipeline { get; }

    /// <summary>What was on disk when the hub started.</summary>
    public IReadOnlyDictionary<string, SiteState> Sites => _sites;

    public async Task RunAsync(TextWriter output)
    {
        if (_options.Demo)
        {
            await LoadDemoAsync(output);
        }

        _presence.Restore(_sites.Values, _presenceStore.Load(), _time.HubNow());
        var open = _sites.Values.SelectMany(site => site.Open.Values).ToList();
        _queue.Restore(open);
        _silences.Restore(_sites.Values);
        Pipeline.Start();

        // Nobody waits for it: a disk that cannot take it now must not keep the hub from starting.
        _ = RecordRulesAsync(RuleView.FileAuthor, "found at the start");
        LogRestored(open.Count, _sites.Count);
        if (GC.GetTotalMemory(forceFullCollection: false) > GarbageOfStartBytes)
        {
            // What was only needed to load a city would otherwise stay for hours: a hub at rest has no reason to collect.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    private async Task RulesHaveChangedAsync(Author author, string? reason)
    {
        await RecordRulesAsync(author, reason);
        await Pipeline.RulesHaveChangedAsync();
    }

    private async Task RecordRulesAsync(Author author, string? reason)
    {
        try
        {
            await Pipeline.CommandAsync(HubSite.Id, new AlarmCommand.ChangeRules(_rules.Current.Version, author, reason));
        }
        catch (Exception failure)
        {
            // Each decision quotes its rules all the same, and their text is kept with the first that they make.
            LogRulesNotRecorded(failure, _rules.Current.Version);
        }
    }

    private void Publish(CommitBatch batch)
    {
        _silences.Publish(batch.Memories);
        _queue.Publish(batch.Changes);
        if (batch.IsOutboxFed)
        {
            _bell.Ring();
        }
    }

    private async Task LoadDemoAsync(TextWriter output)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var loader = new DemoLoader(services.GetRequiredService<DataDirectory>(), services.GetRequiredService<RegistryStore>(), services.GetRequiredService<DeviceSecrets>());
        var devices = await loader.LoadAsync(_options.DemoPassword, services.GetRequiredService<UserManager<CareUser>>(), output);
        services.GetRequiredService<RegistryView>().Reload();
        await DemoPast.WriteAsync(devices, services.GetRequiredService<ITelemetryStore>(), services.GetRequiredService<TimeProvider>().HubNow(), TimeZoneInfo.FindSystemTimeZoneById(_options.TimeZone));
    }

    public ValueTask DisposeAsync() => Pipeline.DisposeAsync();

    [LoggerMessage(1006, LogLevel.Error, "That rules {Version} are in force could not be recorded")]
    private partial void LogRulesNotRecorded(Exception failure, string version);

    [LoggerMessage(1000, LogLevel.Information, "Restored {Alarms} open alarms at {Sites} sites")]
    private partial void LogRestored(int alarms, int sites);
}
