using System.Threading.Channels;
using CareHub.Core.Health;
using CareHub.Core.Signals;
using CareHub.Core.Telemetry;
using CareHub.Server.Configuration;
using CareHub.Server.Presence;
using CareHub.Server.Rules;
using CareHub.Storage.Registry;

namespace CareHub.Server.Health;

/// <summary>
/// Reads along what devices measure, and says to triage what it finds, as a signal of the device. Beside the readings' way
/// to the store and never in it.
/// </summary>
/// <remarks>
/// Nothing of its own is on disk: patterns and trends come back from the store, and what had been raised from the open
/// alarms. A finding that could not be committed is said again until it is.
/// </remarks>
internal sealed partial class HealthWatch(
    RegistryView registry, RuleView rules, StartUp start, HealthPast past, PresenceBook presence, HubOptions options, TimeProvider time, ILogger<HealthWatch> log) : BackgroundService
{
    private static readonly TimeSpan JudgeEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LearnEvery = TimeSpan.FromHours(24);

    /// <summary>Patterns learnt anew in one round, so that readings do not wait behind all of them.</summary>
    private const int LearntPerRound = 100;

    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);
    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(Limits.HealthQueueMax) { SingleReader = true });
    private readonly Queue<Found> _unsaid = new();
    private HealthBook? _book;
    private long _missed;

    /// <summary>Messages whose readings were kept but not looked at, because the watch was behind.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    /// <summary>Readings that the hub has taken. Never waits: at the bound they are counted as missed.</summary>
    public void Observe(DeviceEntry device, IReadOnlyList<Reading> readings)
    {
        // Most of what devices measure concerns no rule, and need not go to another thread for that.
        var watched = rules.Current.WatchedReadings;
        for (var i = 0; i < readings.Count; i++)
        {
            if (!watched.Contains(readings[i].Name))
            {
                continue;
            }

            if (!_queue.Writer.TryWrite(new Work(device, readings)))
            {
                Interlocked.Increment(ref _missed);
            }

            return;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _book = new HealthBook(_zone) { DeviceById = id => registry.Current.Devices.GetValueOrDefault(id) };
        Restore(_book);

        // Beside the readings: a city's patterns take minutes, and a heart that stops must not wait for them.
        var learning = LearnAllAsync(stoppingToken);
        await using var ticks = time.CreateTimer(_ => _queue.Writer.TryWrite(Work.Tick), null, JudgeEvery, JudgeEvery);
        await foreach (var work in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await TakeAsync(work, stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(failure, work.Device?.Id);
            }
        }

        await learning;
    }

    private Task TakeAsync(Work work, CancellationToken cancellationToken)
    {
        if (work.Learnt is { } learnt)
        {
            Remember(learnt);
            return Task.CompletedTask;
        }

        return work.Device is null ? JudgeAsync(cancellationToken) : LookAsync(work, cancellationToken);
    }

    /// <summary>After a start: what everybody's usual day is, one person after the other.</summary>
    private async Task LearnAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Of a million devices some see people move; the others need not be asked.
            var seeing = await past.MotionDevicesAsync(rules.Current.Defaults.Health.Inactivity, cancellationToken);
            var devices = registry.Current.Devices;
            var persons = seeing.Select(id => devices.GetValueOrDefault(id)?.Facts.ResidentId).OfType<string>().ToHashSet(StringComparer.Ordinal);
            foreach (var sensors in persons.Count == 0 ? [] : SensorsOf(persons.Contains))
            {
                if (await LearnAsync(sensors.Key, [.. sensors], cancellationToken) is { } learnt)
                {
                    await _queue.Writer.WriteAsync(new Work(null, []) { Learnt = learnt }, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The hub stops; the next start learns anew.
        }
        catch (Exception failure)
        {
            // The fixed limits hold until each person's next turn.
            LogFailed(failure, null);
        }
    }

    /// <summary>Only what the hub itself had found: the zone tells.</summary>
    private void Restore(HealthBook book)
    {
        foreach (var alarm in start.Sites.Values.SelectMany(site => site.Open.Values))
        {
            if (alarm.Active && HealthFinding.AboutOf(alarm.Zone) is { } about && registry.Current.Devices.TryGetValue(alarm.DeviceId, out var device))
            {
                book.Restore(device, alarm.Kind, about);
            }
        }
    }

    private async Task LookAsync(Work work, CancellationToken cancellationToken)
    {
        var (device, now) = (work.Device!, time.HubNow());
        foreach (var reading in work.Readings)
        {
            if (reading.Name == ReadingNames.Battery && _book!.LacksBattery(device))
            {
                _book.RememberBattery(device, await past.BatteryAsync(device.Id, now, cancellationToken));
            }

            if (_book!.Observe(device, reading, rules.Current, now) is { } found)
            {
                await SayAsync(found, now);
            }
        }
    }

    private async Task JudgeAsync(CancellationToken cancellationToken)
    {
        var now = time.HubNow();
        _book!.Keep(registry.Current);
        while (_unsaid.TryDequeue(out var found) && await SayAsync(found, now))
        {
        }

        // One look at the devices for all who are due.
        var due = _book.Persons.Where(person => !(now - _book.LearntAt(person) < LearnEvery)).Take(LearntPerRound).ToHashSet(StringComparer.Ordinal);
        foreach (var sensors in due.Count == 0 ? [] : SensorsOf(due.Contains))
        {
            Remember(await LearnAsync(sensors.Key, [.. sensors], cancellationToken));
        }

        foreach (var person in _book.Persons.ToList())
        {
            if (_book.Judge(person, registry.Current.Devices, IsThere, rules.Current, now) is { } found)
            {
                await SayAsync(found, now);
            }
        }
    }

    private bool IsThere(string deviceId) => presence.Find(deviceId) is { IsOffline: false };

    /// <summary>Completes when it is on disk; false when that failed, and it waits.</summary>
    private async Task<bool> SayAsync(Found found, DateTimeOffset now)
    {
        try
        {
            await start.Pipeline.SignalAsync(found.Finding.ToSignal(found.Device.Facts, now), found.Device.Facts);
            LogFound(found.Device.Id, found.Finding.Kind, found.Finding.About, found.Finding.IsOver);
            return true;
        }
        catch (Exception failure)
        {
            LogUnsaid(failure, found.Device.Id, found.Finding.Kind);
            // A condition that came and went says both in their order.
            if (_unsaid.Count < Limits.HealthUnsaidMax)
            {
                _unsaid.Enqueue(found);
            }

            return false;
        }
    }

    private void Remember(Movement? learnt)
    {
        if (learnt is { } known && (known.Last is not null || _book!.LearntAt(known.Person) is not null))
        {
            _book!.RememberMovement(known.Person, known.Pattern, known.At, known.Last);
        }
    }

    /// <summary>What the store knows of a person's movement; null when it could not be asked.</summary>
    private async Task<Movement?> LearnAsync(string person, IReadOnlyList<DeviceEntry> sensors, CancellationToken cancellationToken)
    {
        var now = time.HubNow();
        try
        {
            var rule = sensors.Count > 0 ? rules.Current.For(sensors[0].Facts, now).Health.Inactivity : rules.Current.Defaults.Health.Inactivity;
            var (pattern, last) = await past.MovementAsync(sensors, rule, now, cancellationToken);
            return new Movement(person, pattern, now, last);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(failure, null);
            return null;
        }
    }

    private IEnumerable<IGrouping<string, DeviceEntry>> SensorsOf(Func<string, bool> person) =>
        registry.Current.Devices.Values.Where(device => device.Facts.ResidentId is { } resident && person(resident) && !device.Disabled).GroupBy(device => device.Facts.ResidentId!, StringComparer.Ordinal);

    private sealed record Work(DeviceEntry? Device, IReadOnlyList<Reading> Readings)
    {
        public static readonly Work Tick = new(null, []);

        public Movement? Learnt { get; init; }
    }

    private readonly record struct Movement(string Person, ActivityPattern Pattern, DateTimeOffset At, (string DeviceId, string Reading, DateTimeOffset At)? Last);

    [LoggerMessage(2301, LogLevel.Information, "Readings of device {DeviceId} show {Kind} ({About}); over: {IsOver}")]
    private partial void LogFound(string deviceId, SignalKind kind, string about, bool isOver);

    [LoggerMessage(2302, LogLevel.Error, "What readings of device {DeviceId} show ({Kind}) could not be recorded; it is said again")]
    private partial void LogUnsaid(Exception failure, string deviceId, SignalKind kind);

    [LoggerMessage(2303, LogLevel.Error, "Readings could not be judged (device {DeviceId})")]
    private partial void LogFailed(Exception failure, string? deviceId);
}
