namespace CareHub.Core.Telemetry;

/// <summary>A signal that triage took, as a point in time for analysts. Never holds a person's name.</summary>
/// <param name="Cursor">Position in the source; strictly increasing.</param>
/// <param name="At">Hub time of the receipt.</param>
/// <param name="Event">What became of it: <c>raised</c>, <c>repeated</c>, <c>recorded</c> …</param>
/// <param name="Kind">Signal kind: <c>fall</c>, <c>button</c> …</param>
/// <param name="Source"><c>device</c>, <c>will</c>, <c>supervision</c>.</param>
/// <param name="DeviceId">The device that signalled.</param>
/// <param name="SiteId">Its site; empty when that was not on record.</param>
/// <param name="RegionId">The site's region; empty likewise.</param>
/// <param name="AlarmId">The alarm it belongs to, if any.</param>
/// <param name="Redeliveries">How often the same signal has come again.</param>
public sealed record TriageEvent(long Cursor, DateTimeOffset At, string Event, string Kind, string Source, string DeviceId, string SiteId, string RegionId, string? AlarmId, int Redeliveries);

/// <summary>A change of an alarm, as a point in time for analysts. Never holds a person's name.</summary>
/// <param name="Cursor">Position in the source; strictly increasing.</param>
/// <param name="At">Hub time of the change.</param>
/// <param name="AlarmId">The alarm.</param>
/// <param name="Event"><c>raised</c>, <c>acknowledged</c>, <c>claimed</c>, <c>resolved</c> …</param>
/// <param name="IsFirst">Whether it is the alarm's first of this kind.</param>
/// <param name="Kind">Signal kind: <c>fall</c>, <c>button</c> …</param>
/// <param name="Priority"><c>critical</c>, <c>high</c>, <c>medium</c>, <c>low</c>.</param>
/// <param name="DeviceId">The device that raised it.</param>
/// <param name="SiteId">The site.</param>
/// <param name="AgeMs">Milliseconds since the alarm was raised.</param>
/// <param name="Disposition">What it turned out to be, on the change that ended it.</param>
public sealed record AlarmTransition(long Cursor, DateTimeOffset At, string AlarmId, string Event, bool IsFirst, string Kind, string Priority, string DeviceId, string SiteId, long AgeMs, string? Disposition);

/// <summary>What triage took and decided, in commit order, read by position, so that a forwarder can stop and go on anywhere.</summary>
public interface ITriageEventSource
{
    /// <summary>At most <paramref name="limit"/> signals after <paramref name="cursor"/>, oldest first.</summary>
    Task<IReadOnlyList<TriageEvent>> EventsAfterAsync(long cursor, int limit, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="limit"/> changes of alarms after <paramref name="cursor"/>, oldest first.</summary>
    Task<IReadOnlyList<AlarmTransition>> TransitionsAfterAsync(long cursor, int limit, CancellationToken cancellationToken);
}
