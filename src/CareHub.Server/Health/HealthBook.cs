using CareHub.Core.Health;
using CareHub.Core.Signals;
using CareHub.Core.Telemetry;
using CareHub.Core.Triage;
using CareHub.Storage.Registry;

namespace CareHub.Server.Health;

/// <summary>A finding of a device's readings, on its way to triage.</summary>
internal readonly record struct Found(DeviceEntry Device, HealthFinding Finding);

/// <summary>
/// What the hub follows in readings: each device's vital signs and battery, each person's movement. A reading costs a few
/// look-ups; what is kept is bounded by the devices and residents of the registry and the readings that the rules name.
/// Used by one thread at a time.
/// </summary>
internal sealed class HealthBook(TimeZoneInfo zone)
{
    private readonly Dictionary<string, DeviceState> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PersonState> _persons = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Persons => _persons.Keys;

    /// <summary>After a start: the hub's finding that was open and active.</summary>
    public void Restore(DeviceEntry device, SignalKind kind, string about)
    {
        switch (kind)
        {
            case SignalKind.Vital:
                Of(device).Vital = new VitalWatch(about);
                break;
            case SignalKind.LowBattery:
                Of(device).Battery = new BatteryWatch(raised: true);
                break;
            case SignalKind.Inactivity when device.Facts.ResidentId is { } person:
                PersonOf(person).Watch.Restore(device.Id);
                break;
        }
    }

    /// <summary>Whether the trend of the device's battery is still to be brought from the store.</summary>
    public bool LacksBattery(DeviceEntry device) => !Of(device).BatteryKnown;

    /// <summary>What the store knows of the device's battery, oldest first.</summary>
    public void RememberBattery(DeviceEntry device, IEnumerable<(DateTimeOffset At, double Value)> past)
    {
        var state = Of(device);
        state.BatteryKnown = true;
        foreach (var (at, value) in past)
        {
            state.Battery.Learn(value, at);
        }
    }

    /// <summary>What the store knows of a person's movement.</summary>
    public void RememberMovement(string person, ActivityPattern pattern, DateTimeOffset learntAt, (string DeviceId, string Reading, DateTimeOffset At)? last)
    {
        var state = PersonOf(person);
        (state.Pattern, state.LearntAt) = (pattern, learntAt);
        if (last is { } known)
        {
            state.Watch.Remember(known.DeviceId, known.Reading, known.At);
        }
    }

    /// <summary>When the person's pattern was learnt; null when it is to be.</summary>
    public DateTimeOffset? LearntAt(string person) => _persons.GetValueOrDefault(person)?.LearntAt;

    public Found? Observe(DeviceEntry device, in Reading reading, RuleBook book, DateTimeOffset now)
    {
        var state = Of(device);
        var rules = state.RulesAt(device, book, now);

        // Nothing that is to come has been measured yet: a clock ahead must not close the door to what follows.
        var at = reading.At < now ? reading.At : now;
        if (rules.Vital.TryGetValue(reading.Name, out var vital))
        {
            return Of(device, state.Vital.Observe(reading.Name, reading.Value, at, vital));
        }

        if (reading.Name == ReadingNames.Battery)
        {
            return Of(device, state.Battery.Observe(reading.Value, at, rules.Battery));
        }

        if (reading.Value > 0 && device.Facts.ResidentId is { } person && rules.Inactivity.Readings.Contains(reading.Name))
        {
            return Of(PersonOf(person).Watch.Moved(device.Id, reading.Name, at));
        }

        return null;
    }

    /// <summary>Whether a person has been still for too long. A sensor that is away is an alarm of its own, and proves no silence.</summary>
    public Found? Judge(string person, IReadOnlyDictionary<string, DeviceEntry> devices, Func<string, bool> isThere, RuleBook book, DateTimeOffset now)
    {
        var state = PersonOf(person);
        if (state.Watch.DeviceId is not { } sensor || !devices.TryGetValue(sensor, out var device) || device.Disabled || !isThere(sensor))
        {
            return null;
        }

        var rule = Of(device).RulesAt(device, book, now).Inactivity;
        return state.Watch.Judge(now, state.Pattern, rule, zone) is { } found ? new Found(device, found.Finding) : null;
    }

    /// <summary>Forgets who has left the registry.</summary>
    public void Keep(RegistrySnapshot registry)
    {
        foreach (var gone in _devices.Keys.Where(id => !registry.Devices.ContainsKey(id)).ToList())
        {
            _devices.Remove(gone);
        }

        foreach (var gone in _persons.Keys.Where(id => !registry.Residents.ContainsKey(id)).ToList())
        {
            _persons.Remove(gone);
        }
    }

    /// <summary>The sensor that an alarm stands for may have left; then nobody waits for its end.</summary>
    public Func<string, DeviceEntry?> DeviceById { get; set; } = static _ => null;

    private Found? Of((string DeviceId, HealthFinding Finding)? found) =>
        found is { } moved && DeviceById(moved.DeviceId) is { } device ? new Found(device, moved.Finding) : null;

    private static Found? Of(DeviceEntry device, HealthFinding? finding) => finding is { } found ? new Found(device, found) : null;

    private DeviceState Of(DeviceEntry device)
    {
        if (!_devices.TryGetValue(device.Id, out var state))
        {
            _devices.Add(device.Id, state = new DeviceState());
        }

        return state;
    }

    private PersonState PersonOf(string person)
    {
        if (!_persons.TryGetValue(person, out var state))
        {
            _persons.Add(person, state = new PersonState());
        }

        return state;
    }

    private sealed class DeviceState
    {
        private RuleBook? _book;
        private DeviceEntry? _entry;
        private DateTimeOffset _until;
        private HealthRules _rules = new();

        public VitalWatch Vital { get; set; } = new();

        public BatteryWatch Battery { get; set; } = new();

        public bool BatteryKnown { get; set; }

        /// <summary>Overrides are many and may go by the hour: they are looked through once a minute, not for every reading.</summary>
        public HealthRules RulesAt(DeviceEntry device, RuleBook book, DateTimeOffset now)
        {
            if (!ReferenceEquals(_book, book) || !ReferenceEquals(_entry, device) || now >= _until)
            {
                (_book, _entry, _until, _rules) = (book, device, now.AddMinutes(1), book.For(device.Facts, now).Health);
            }

            return _rules;
        }
    }

    private sealed class PersonState
    {
        public ActivityWatch Watch { get; } = new();

        public ActivityPattern Pattern { get; set; } = ActivityPattern.Unknown;

        public DateTimeOffset? LearntAt { get; set; }
    }
}
