using CareHub.Core.Health;
using CareHub.Core.Telemetry;
using CareHub.Core.Triage;
using CareHub.Storage.Registry;

namespace CareHub.Server.Health;

/// <summary>What the hub follows in the readings of one device: its vital signs and its battery. Safe for concurrent use.</summary>
internal sealed class DeviceHealth
{
    private readonly Lock _lock = new();
    private RuleBook? _book;
    private DeviceEntry? _entry;
    private DateTimeOffset _until;
    private HealthRules _rules = new();
    private VitalWatch? _vital;
    private BatteryWatch? _battery;
    private volatile bool _isBatteryKnown;

    /// <summary>Whether the trend of the battery is still to be brought from the store.</summary>
    public bool LacksBattery => !_isBatteryKnown;

    /// <summary>After a start: the reading whose alarm was open and active.</summary>
    public void RestoreVital(string about)
    {
        lock (_lock)
        {
            _vital = new VitalWatch(about);
        }
    }

    /// <inheritdoc cref="RestoreVital"/>
    public void RestoreBattery()
    {
        lock (_lock)
        {
            _battery = new BatteryWatch(raised: true);
        }
    }

    /// <summary>What the store knows of the battery, oldest first.</summary>
    public void RememberBattery(IEnumerable<(DateTimeOffset At, double Value)> past)
    {
        lock (_lock)
        {
            _battery ??= new BatteryWatch();
            foreach (var (at, value) in past)
            {
                _battery.Learn(value, at);
            }
        }

        _isBatteryKnown = true;
    }

    /// <summary>What a reading shows of the device itself.</summary>
    /// <param name="reading">Not from the future.</param>
    /// <param name="rules">As <see cref="RulesAt"/> gave them.</param>
    public HealthFinding? Observe(in Reading reading, HealthRules rules)
    {
        lock (_lock)
        {
            if (rules.Vital.TryGetValue(reading.Name, out var vital))
            {
                return (_vital ??= new VitalWatch()).Observe(reading.Name, reading.Value, reading.At, vital);
            }

            return reading.Name == ReadingNames.Battery
                ? (_battery ??= new BatteryWatch()).Observe(reading.Value, reading.At, rules.Battery)
                : null;
        }
    }

    /// <summary>Overrides are many and may go by the hour: they are looked through once a minute, not for every reading.</summary>
    public HealthRules RulesAt(DeviceEntry device, RuleBook book, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_book, book) || !ReferenceEquals(_entry, device) || now >= _until)
            {
                (_book, _entry, _until, _rules) = (book, device, now.AddMinutes(1), book.For(device.Facts, now).Health);
            }

            return _rules;
        }
    }
}
