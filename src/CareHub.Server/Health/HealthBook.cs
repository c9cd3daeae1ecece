using System.Collections.Concurrent;
using CareHub.Core.Health;
using CareHub.Core.Signals;
using CareHub.Core.Telemetry;
using CareHub.Core.Triage;
using CareHub.Server.Configuration;
using CareHub.Storage.Registry;

namespace CareHub.Server.Health;

/// <summary>A finding of a device's readings, on its way to triage.</summary>
internal readonly record struct Found(DeviceEntry Device, HealthFinding Finding);

/// <summary>
/// What the hub follows in readings: each device's vital signs and battery, each person's movement. What is kept is
/// bounded by the devices and residents of the registry and the readings that the rules name. Safe for concurrent use.
/// </summary>
internal sealed class HealthBook(RegistryView registry, HubOptions options)
{
    private readonly ConcurrentDictionary<string, DeviceHealth> _devices = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PersonState> _persons = new(StringComparer.Ordinal);

    /// <summary>Where people live by the clock.</summary>
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);

    public IEnumerable<string> Persons => _persons.Keys;

    public DeviceHealth Of(string deviceId) => _devices.GetOrAdd(deviceId, static _ => new DeviceHealth());

    /// <summary>After a start: the hub's finding that was open and active.</summary>
    public void Restore(DeviceEntry device, SignalKind kind, string about)
    {
        switch (kind)
        {
            case SignalKind.Vital:
                Of(device.Id).RestoreVital(about);
                break;
            case SignalKind.LowBattery:
                Of(device.Id).RestoreBattery();
                break;
            case SignalKind.Inactivity when device.Facts.ResidentId is { } person:
                PersonOf(person).Use(watch => watch.Restore(device.Id));
                break;
        }
    }

    /// <summary>What the store knows of a person's movement.</summary>
    public void RememberMovement(string person, ActivityPattern pattern, DateTimeOffset learntAt, (string DeviceId, string Reading, DateTimeOffset At)? last)
    {
        var state = PersonOf(person);
        state.Learnt = new(pattern, learntAt);
        if (last is { } known)
        {
            state.Use(watch => watch.Remember(known.DeviceId, known.Reading, known.At));
        }
    }

    /// <summary>Whether the person is followed.</summary>
    public bool Knows(string person) => _persons.ContainsKey(person);

    /// <summary>When the person's pattern was learnt; null when it is to be.</summary>
    public DateTimeOffset? LearntAt(string person) => _persons.GetValueOrDefault(person)?.Learnt?.At;

    /// <param name="health">The device's, as <see cref="Of"/> gives it.</param>
    public Found? Observe(DeviceHealth health, DeviceEntry device, in Reading reading, RuleBook book, DateTimeOffset now)
    {
        var rules = health.RulesAt(device, book, now);

        // Nothing that is to come has been measured yet: a clock ahead must not close the door to what follows.
        var seen = reading.At < now ? reading : reading with { At = now };
        if (health.Observe(seen, rules) is { } finding)
        {
            return new Found(device, finding);
        }

        return seen.Value > 0 && device.Facts.ResidentId is { } person && rules.Inactivity.Readings.Contains(seen.Name)
            && PersonOf(person).Moved(device.Id, seen.Name, seen.At) is { } moved
            // The sensor that an alarm stands for may have left; then nobody waits for its end.
            && registry.Current.Devices.TryGetValue(moved.DeviceId, out var raised)
                ? new Found(raised, moved.Finding)
                : null;
    }

    /// <summary>Whether a person has been still for too long. A sensor that is away is an alarm of its own, and proves no silence.</summary>
    public Found? Judge(string person, Func<string, bool> isThere, RuleBook book, DateTimeOffset now)
    {
        var state = PersonOf(person);
        if (state.Sensor is not { } sensor || !registry.Current.Devices.TryGetValue(sensor, out var device) || device.Disabled || !isThere(sensor))
        {
            return null;
        }

        var rule = Of(sensor).RulesAt(device, book, now).Inactivity;
        return state.Judge(now, rule, _zone) is { } found ? new Found(device, found.Finding) : null;
    }

    /// <summary>Forgets who has left the registry.</summary>
    public void Keep(RegistrySnapshot snapshot)
    {
        foreach (var gone in _devices.Keys.Where(id => !snapshot.Devices.ContainsKey(id)))
        {
            _devices.TryRemove(gone, out _);
        }

        foreach (var gone in _persons.Keys.Where(id => !snapshot.Residents.ContainsKey(id)))
        {
            _persons.TryRemove(gone, out _);
        }
    }

    private PersonState PersonOf(string person) => _persons.GetOrAdd(person, static _ => new PersonState());

    private sealed record Learnt(ActivityPattern Pattern, DateTimeOffset At);

    private sealed class PersonState
    {
        private readonly ActivityWatch _watch = new();

        /// <summary>Null until it has been.</summary>
        public Learnt? Learnt { get; set; }

        /// <summary>Who saw the person last.</summary>
        public string? Sensor
        {
            get
            {
                lock (_watch)
                {
                    return _watch.DeviceId;
                }
            }
        }

        public void Use(Action<ActivityWatch> act)
        {
            lock (_watch)
            {
                act(_watch);
            }
        }

        public (string DeviceId, HealthFinding Finding)? Moved(string deviceId, string reading, DateTimeOffset at)
        {
            lock (_watch)
            {
                return _watch.Moved(deviceId, reading, at);
            }
        }

        public (string DeviceId, HealthFinding Finding)? Judge(DateTimeOffset now, InactivityRule rule, TimeZoneInfo zone)
        {
            lock (_watch)
            {
                return _watch.Judge(now, Learnt?.Pattern ?? ActivityPattern.Unknown, rule, zone);
            }
        }
    }
}
