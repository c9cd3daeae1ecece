using CareHub.Core.Telemetry;

namespace CareHub.Storage.Tests.Telemetry.Support;

/// <summary>A source of triage events that fails on demand.</summary>
internal sealed class ListedEvents : ITriageEventSource
{
    private readonly List<TriageEvent> _events = [];

    public bool Fails { get; set; }

    public int EventsRead { get; private set; }

    public void Add(params TriageEvent[] events)
    {
        lock (_events)
            _events.AddRange(events);
    }

    public Task<IReadOnlyList<TriageEvent>> ReadAfterAsync(long cursor, int limit, CancellationToken cancellationToken)
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
}
