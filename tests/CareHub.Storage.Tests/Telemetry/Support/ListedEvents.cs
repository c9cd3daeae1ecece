using CareHub.Core.Telemetry;

namespace CareHub.Storage.Tests.Telemetry.Support;

/// <summary>A source of what triage decided that fails on demand.</summary>
internal sealed class ListedEvents : ITriageEventSource
{
    private readonly List<TriageEvent> _events = [];
    private readonly List<AlarmTransition> _changes = [];

    public bool Fails { get; set; }

    public int EventsRead { get; private set; }

    public void Add(params TriageEvent[] events)
    {
        lock (_events)
            _events.AddRange(events);
    }

    public void Add(params AlarmTransition[] changes)
    {
        lock (_events)
            _changes.AddRange(changes);
    }

    public Task<IReadOnlyList<TriageEvent>> EventsAfterAsync(long cursor, int limit, CancellationToken cancellationToken)
    {
        if (Fails)
            return Task.FromException<IReadOnlyList<TriageEvent>>(new IOException("the table is locked"));
        lock (_events)
        {
            var read = _events.Where(triaged => triaged.Cursor > cursor).Take(limit).ToList();
            EventsRead += read.Count;
            return Task.FromResult<IReadOnlyList<TriageEvent>>(read);
        }
    }

    public Task<IReadOnlyList<AlarmTransition>> TransitionsAfterAsync(long cursor, int limit, CancellationToken cancellationToken)
    {
        lock (_events)
            return Task.FromResult<IReadOnlyList<AlarmTransition>>([.. _changes.Where(change => change.Cursor > cursor).Take(limit)]);
    }
}
