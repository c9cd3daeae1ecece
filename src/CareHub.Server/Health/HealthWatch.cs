using System.Collections.Concurrent;
using System.Threading.Channels;
using CareHub.Core.Health;
using CareHub.Core.Signals;
using CareHub.Core.Telemetry;
using CareHub.Server.Presence;
using CareHub.Server.Rules;
using CareHub.Storage.Registry;

namespace CareHub.Server.Health;

/// <summary>
/// Reads along what devices measure, and says to triage what it finds, as a signal of the device. Beside the readings' way
/// to the store and never in it.
/// </summary>
/// <remarks>
/// A reading is looked at where it was taken, which costs less than another thread would; only a finding, and what needs the
/// store, goes through the queue. Nothing of its own is on disk: patterns and trends come back from the store, and what had
/// been raised from the open alarms. A finding that could not be committed is said again until it is.
/// </remarks>
internal sealed partial class HealthWatch(
    RegistryView registry, RuleView rules, StartUp start, HealthBook book, HealthPast past, PresenceBook presence, TimeProvider time, ILogger<HealthWatch> log) : BackgroundService
{
    private static readonly TimeSpan JudgeEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LearnEvery = TimeSpan.FromHours(24);

    /// <summary>Patterns learnt anew in one round, so that readings do not wait behind all of them.</summary>
    private const int LearntPerRound = 100;

    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(Limits.HealthQueueMax) { SingleReader = true });
    private readonly ConcurrentQueue<Found> _unsaid = new();
    private long _missed;

    /// <summary>Findings that could not be kept until they are said, and batteries whose past could not be looked up: there were too many at once.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    /// <summary>Before the first message: only what the hub itself had found; the zone tells.</summary>
    public void Restore()
    {
        foreach (var alarm in start.Sites.Values.SelectMany(site => site.Open.Values))
        {
            if (alarm.Active && HealthFinding.AboutOf(alarm.Zone) is { } about && registry.Current.Devices.TryGetValue(alarm.DeviceId, out var device))
            {
                book.Restore(device, alarm.Kind, about);
            }
        }
    }

    /// <summary>Readings that the hub has taken. Never waits, and never fails the one who has taken them.</summary>
    /// <param name="health">The device's, as <see cref="HealthBook.Of"/> gives it.</param>
    public void Observe(DeviceEntry device, DeviceHealth health, IReadOnlyList<Reading> readings)
    {
        try
        {
            var watched = rules.Current.WatchedReadings;
            for (var i = 0; i < readings.Count; i++)
            {
                var reading = readings[i];
                if (!watched.Contains(reading.Name))
                {
                    continue;
                }

                if (reading.Name == ReadingNames.Battery && health.LacksBattery)
                {
                    Enqueue(new Work { Battery = new(device, health, reading) });
                }
                else
                {
                    Look(device, health, reading);
                }
            }
        }
        catch (Exception failure)
        {
            LogFailed(failure, device.Id);
        }
    }

    private void Look(DeviceEntry device, DeviceHealth health, in Reading reading)
    {
        if (book.Observe(health, device, reading, rules.Current, time.HubNow()) is { } found && !_queue.Writer.TryWrite(new Work { Found = found }))
        {
            KeepUnsaid(found);
        }
    }

    private void Enqueue(Work work)
    {
        if (!_queue.Writer.TryWrite(work))
        {
            Interlocked.Increment(ref _missed);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
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
                LogFailed(failure, work.Battery?.Device.Id);
            }
        }

        await learning;
    }

    private async Task TakeAsync(Work work, CancellationToken cancellationToken)
    {
        if (work.Found is { } found)
        {
            await SayAsync(found);
        }
        else if (work.Battery is { } battery)
        {
            await BringBatteryAsync(battery, cancellationToken);
        }
        else if (work.Learnt is { } learnt)
        {
            Remember(learnt);
        }
        else
        {
            await JudgeAsync(cancellationToken);
        }
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
            foreach (var (person, theirs) in persons.Count == 0 ? [] : devices.Of(persons))
            {
                if (await LearnAsync(person, SensorsAmong(theirs), cancellationToken) is { } learnt)
                {
                    await _queue.Writer.WriteAsync(new Work { Learnt = learnt }, cancellationToken);
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

    /// <summary>The first values of a device's battery since the start: its trend comes from the store.</summary>
    private async Task BringBatteryAsync(BatteryReading battery, CancellationToken cancellationToken)
    {
        var (device, health, reading) = battery;
        if (health.LacksBattery)
        {
            health.RememberBattery(await past.BatteryAsync(device.Id, time.HubNow(), cancellationToken));
        }

        Look(device, health, reading);
    }

    private async Task JudgeAsync(CancellationToken cancellationToken)
    {
        var now = time.HubNow();
        book.Keep(registry.Current);
        foreach (var unsaid in TakeUnsaid())
        {
            await SayAsync(unsaid);
        }

        // One look at the devices for all who are due.
        var due = book.Persons.Where(person => !(now - book.LearntAt(person) < LearnEvery)).Take(LearntPerRound).ToHashSet(StringComparer.Ordinal);
        foreach (var (person, theirs) in due.Count == 0 ? [] : registry.Current.Devices.Of(due))
        {
            due.Remove(person);
            Remember(await LearnAsync(person, SensorsAmong(theirs), cancellationToken));
        }

        // Who has no device left has had their turn too: they must not stand in the way of the others each minute.
        foreach (var person in due)
        {
            Remember(new Movement(person, ActivityPattern.Unknown, now, null));
        }

        foreach (var person in book.Persons)
        {
            if (book.Judge(person, IsThere, rules.Current, now) is { } found)
            {
                await SayAsync(found);
            }
        }
    }

    private bool IsThere(string deviceId) => presence.Find(deviceId) is { IsOffline: false };

    /// <summary>Completes when it is on disk, or waits to be said again.</summary>
    private async Task SayAsync(Found found)
    {
        // A condition that came and went says both in their order.
        if (!_unsaid.IsEmpty && _unsaid.Any(earlier => earlier.Device.Id == found.Device.Id))
        {
            KeepUnsaid(found);
            return;
        }

        try
        {
            await start.Pipeline.SignalAsync(found.Finding.ToSignal(found.Device.Facts, time.HubNow()), found.Device.Facts);
            LogFound(found.Device.Id, found.Finding.Kind, found.Finding.About, found.Finding.IsOver);
        }
        catch (Exception failure)
        {
            LogUnsaid(failure, found.Device.Id, found.Finding.Kind);
            KeepUnsaid(found);
        }
    }

    /// <summary>All of them: who still waits is in the queue, and that is what holds up a device's later ones.</summary>
    private List<Found> TakeUnsaid()
    {
        var all = new List<Found>();
        while (_unsaid.TryDequeue(out var found))
        {
            all.Add(found);
        }

        return all;
    }

    private void KeepUnsaid(Found found)
    {
        if (_unsaid.Count < Limits.HealthUnsaidMax)
        {
            _unsaid.Enqueue(found);
        }
        else
        {
            Interlocked.Increment(ref _missed);
        }
    }

    private void Remember(Movement? learnt)
    {
        if (learnt is { } known && (known.Last is not null || book.Knows(known.Person)))
        {
            book.RememberMovement(known.Person, known.Pattern, known.At, known.Last);
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

    /// <summary>What a person's movement is learnt from: sensors that are in use, or what there was of those that are not.</summary>
    private static IReadOnlyList<DeviceEntry> SensorsAmong(IReadOnlyList<DeviceEntry> devices) =>
        devices.Where(device => !device.Disabled).ToList() is { Count: > 0 } inUse ? inUse : devices;

    /// <summary>One of the three, or the time to judge.</summary>
    private readonly record struct Work
    {
        public static Work Tick => default;

        public Found? Found { get; init; }

        public BatteryReading? Battery { get; init; }

        public Movement? Learnt { get; init; }
    }

    private readonly record struct BatteryReading(DeviceEntry Device, DeviceHealth Health, Reading Reading);

    private readonly record struct Movement(string Person, ActivityPattern Pattern, DateTimeOffset At, (string DeviceId, string Reading, DateTimeOffset At)? Last);

    [LoggerMessage(2301, LogLevel.Information, "Readings of device {DeviceId} show {Kind} ({About}); over: {IsOver}")]
    private partial void LogFound(string deviceId, SignalKind kind, string about, bool isOver);

    [LoggerMessage(2302, LogLevel.Error, "What readings of device {DeviceId} show ({Kind}) could not be recorded; it is said again")]
    private partial void LogUnsaid(Exception failure, string deviceId, SignalKind kind);

    [LoggerMessage(2303, LogLevel.Error, "Readings could not be judged (device {DeviceId})")]
    private partial void LogFailed(Exception failure, string? deviceId);
}
