using CareHub.Core.Signals;

namespace CareHub.Core.Health;

/// <summary>
/// The vital signs of one device. Out of range for the rule's time raises the device's <c>vital</c>; each value that goes
/// out says so; when none has been out for the calm time, it is over.
/// </summary>
/// <remarks>Time is the readings' own. A reading not newer than the last of its name is history and decides nothing.</remarks>
internal sealed class VitalWatch
{
    /// <summary>Silence longer than this proves nothing about what was in between: what was out before it begins anew.</summary>
    internal static readonly TimeSpan GapMax = TimeSpan.FromMinutes(15);

    private readonly Dictionary<string, Course> _courses = new(StringComparer.Ordinal);
    private DateTimeOffset? _quietSince;
    private string? _restored;
    private DateTimeOffset? _restoredUntil;

    /// <param name="restored">The reading whose alarm, found by the hub, was open and active when the hub started; null when there was none.</param>
    public VitalWatch(string? restored = null) => (_restored, IsRaised) = (restored, restored is not null);

    public bool IsRaised { get; private set; }

    public HealthFinding? Observe(string name, double value, DateTimeOffset at, VitalRule rule)
    {
        var before = _courses.GetValueOrDefault(name);
        if (at <= before.LastAt)
        {
            return null;
        }

        var follows = at - before.LastAt <= GapMax;
        var wasOut = before.OutSince is not null && follows;
        var isOut = wasOut ? !rule.IsBack(value) : rule.IsOut(value);
        // What was said before the start of the hub is not said again.
        var wasSaid = (wasOut && before.IsSaid) || name == _restored;
        if (!isOut)
        {
            _restored = name == _restored ? null : _restored;
            _courses[name] = new Course(at, null, IsSaid: false);
            return Over(name, at, rule);
        }

        var since = wasOut ? before.OutSince!.Value : at;
        var says = at - since >= rule.For && !wasSaid;
        _courses[name] = new Course(at, since, says || wasSaid);
        _quietSince = null;
        if (!says)
        {
            return null;
        }

        IsRaised = true;
        return new HealthFinding(SignalKind.Vital, IsOver: false, name, at, $"~vital-{name}-{since.ToUnixTimeMilliseconds()}");
    }

    private HealthFinding? Over(string name, DateTimeOffset at, VitalRule rule)
    {
        if (IsRestoredOut(at) || _courses.Values.Any(course => course.OutSince is not null && at - course.LastAt <= GapMax))
        {
            return null;
        }

        _quietSince ??= at;
        if (!IsRaised || at - _quietSince < rule.Calm)
        {
            return null;
        }

        IsRaised = false;
        return new HealthFinding(SignalKind.Vital, IsOver: true, name, at, $"~vital-over-{at.ToUnixTimeMilliseconds()}");
    }

    /// <summary>What was out before the start of the hub counts as out until it is heard again, or has been silent for too long.</summary>
    private bool IsRestoredOut(DateTimeOffset at) =>
        _restored is not null && !_courses.ContainsKey(_restored) && at <= (_restoredUntil ??= at + GapMax);

    /// <param name="LastAt">Its newest reading.</param>
    /// <param name="OutSince">Since when it is out; null while it is not.</param>
    /// <param name="IsSaid">That it is out has been said.</param>
    private readonly record struct Course(DateTimeOffset LastAt, DateTimeOffset? OutSince, bool IsSaid);
}
