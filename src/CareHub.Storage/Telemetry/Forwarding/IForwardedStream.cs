using CareHub.Storage.Telemetry.Influx;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>Something that goes to InfluxDB in order and remembers durably how far it has come.</summary>
internal interface IForwardedStream
{
    /// <summary>For log lines: <c>readings</c>, <c>events</c>.</summary>
    string Name { get; }

    /// <summary>Completes when there may be enough for a request, or after the interval.</summary>
    Task WaitAsync(CancellationToken cancellationToken);

    /// <summary>Turns what is next into lines; changes nothing.</summary>
    Task<Pending> ReadAsync(LineBatch lines, CancellationToken cancellationToken);

    /// <summary>Remembers that everything up to there is done with.</summary>
    Task AdvanceAsync(Pending pending, BatchOutcome outcome, CancellationToken cancellationToken);
}

/// <summary>What was read to be sent.</summary>
/// <param name="Count">Points, those included that have no line.</param>
/// <param name="Position">Of the last one.</param>
/// <param name="MayHaveMore">Whether the request was full, so that there is no reason to wait for the next.</param>
internal readonly record struct Pending(int Count, long Position, bool MayHaveMore);
