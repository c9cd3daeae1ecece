using CareHub.Core.Signals;
using CareHub.Core.Telemetry;

namespace CareHub.Core.Health;

/// <summary>Whether one person moves. The sensor that saw them last speaks for them.</summary>
internal sealed class ActivityWatch
{
    private string _about = ReadingNames.Motion;

    /// <summary>When something last moved; null while that is not known.</summary>
    public DateTimeOffset? LastAt { get; private set; }

    /// <summary>The sensor that saw it.</summary>
    public string? DeviceId { get; private set; }

    /// <summary>The sensor whose alarm stands for the silence; null while there is none.</summary>
    public string? RaisedFor { get; private set; }

    /// <summary>After a start: the alarm that was open.</summary>
    public void Restore(string deviceId) => RaisedFor = deviceId;

    /// <summary>After a start: what the store knows of the last movement. It ends no silence.</summary>
    public void Remember(string deviceId, string reading, DateTimeOffset at)
    {
        if (LastAt is null || at > LastAt)
        {
            (LastAt, DeviceId, _about) = (at, deviceId, reading);
        }
    }

    /// <summary>Something moved. The end of the silence is found, if there was one.</summary>
    public (string DeviceId, HealthFinding Finding)? Moved(string deviceId, string reading, DateTimeOffset at)
    {
        if (at <= LastAt)
        {
            return null;
        }

        (LastAt, DeviceId, _about) = (at, deviceId, reading);
        if (RaisedFor is not { } raised)
        {
            return null;
        }

        RaisedFor = null;
        return (raised, new HealthFinding(SignalKind.Inactivity, IsOver: true, _about, at, $"~inactivity-over-{at.ToUnixTimeMilliseconds()}"));
    }

    /// <summary>Whether it has been still for too long by now.</summary>
    public (string DeviceId, HealthFinding Finding)? Judge(DateTimeOffset now, ActivityPattern pattern, InactivityRule rule, TimeZoneInfo zone)
    {
        if (RaisedFor is not null || LastAt is not { } last || now - last <= pattern.LimitAt(now, rule, zone))
        {
            return null;
        }

        // By the hour of the last movement: all that roll-ups tell after a restart.
        RaisedFor = DeviceId!;
        return (RaisedFor, new HealthFinding(SignalKind.Inactivity, IsOver: false, _about, now, $"~inactivity-{ActivityPattern.HourOf(last)}"));
    }
}
