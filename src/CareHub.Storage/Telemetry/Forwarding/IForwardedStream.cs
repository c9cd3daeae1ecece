using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>Something that goes to InfluxDB in order and remembers how far it has come.</summary>
internal interface IForwardedStream
{
    /// <summary>For log lines: <c>readings</c>, <c>events</c>, <c>alarms</c>.</summary>
    string Name { get; }

    /// <summary>Completes when there may be enough for a request, or after the interval.</summary>
    Task WaitAsync(CancellationToken cancellationToken);

    /// <summary>Turns what comes behind the last batch into lines. A batch is read once and stands until it is advanced.</summary>
    Task<Pending> ReadAsync(LineBatch lines, CancellationToken cancellationToken);

    /// <summary>Everything up to there is done with; remembers it last.</summary>
    /// <exception cref="IOException">It could not be remembered; it is done with all the same.</exception>
    /// <exception cref="UnauthorizedAccessException">As before.</exception>
    void Advance(in Pending pending, BatchOutcome outcome);
}

/// <summary>What was read to be sent.</summary>
/// <param name="Count">Points, those included that have no line.</param>
/// <param name="Position">Of the last one; a stream of one lane counts in <see cref="SpoolPosition.Vital"/>.</param>
/// <param name="MayHaveMore">Whether the request was full, so that there is no reason to wait for the next.</param>
internal readonly record struct Pending(int Count, SpoolPosition Position, bool MayHaveMore);

/// <summary>Points that InfluxDB refuses for good, or that have no form there, on their way into quarantine.</summary>
internal interface IRejectedPoints
{
    Task KeepAsync(IReadOnlyList<RejectedPoint> points, CancellationToken cancellationToken);
}

/// <param name="Stream">Which measurement it was for.</param>
/// <param name="Device">The device it came from.</param>
/// <param name="Site">Its site.</param>
/// <param name="Line">The line, or what there was of it.</param>
/// <param name="Reason">The server's, or ours.</param>
internal sealed record RejectedPoint(string Stream, string Device, string? Site, string Line, string Reason);
