using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using CareHub.Storage.Telemetry.Influx;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>
/// Takes readings from the spool, and triage events from their source, to InfluxDB. It stands behind the acknowledgement
/// and off the alarm path: InfluxDB may be slow or gone for hours, and all that changes is the lag.
/// </summary>
internal sealed class TelemetryForwarder : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ReadingsStream _readings;
    private readonly EventsStream? _events;
    private readonly List<ForwardingLoop> _loops = [];
    private readonly Task _running;

    public TelemetryForwarder(TelemetrySpool spool, ITriageEventSource? events, InfluxBatchWriter influx, TelemetryLimits limits, TimeProvider time, ILogger logger)
    {
        _readings = new ReadingsStream(spool, limits, time, logger);
        _loops.Add(new ForwardingLoop(_readings, influx, limits, time, logger));
        if (events is not null)
        {
            _events = new EventsStream(events, spool, limits, time);
            _loops.Add(new ForwardingLoop(_events, influx, limits, time, logger));
        }

        // A loop of its own each: a source of events that fails must not hold up readings.
        _running = Task.WhenAll(_loops.Select(loop => Task.Run(() => loop.RunAsync(_stop.Token))));
    }

    public ForwarderState State
    {
        get
        {
            var last = _loops.Select(loop => loop.Last).OfType<Trouble>().MaxBy(trouble => trouble.At);
            return new ForwarderState(
                _readings.Waiting,
                _readings.LagSeconds,
                _readings.Forwarded,
                _events?.Forwarded ?? 0,
                _loops.Sum(loop => loop.Rejected),
                _readings.Shed,
                _loops.Exists(loop => loop.Current is not null),
                last?.Reason,
                last?.At);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
