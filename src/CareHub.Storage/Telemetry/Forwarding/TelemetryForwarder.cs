using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Telemetry.Spool;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>
/// Takes readings from the spool, and what triage decided from its source, to InfluxDB. It stands behind the acknowledgement
/// and off the alarm path: InfluxDB may be slow or gone for hours, and all that changes is the lag.
/// </summary>
internal sealed class TelemetryForwarder : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly InfluxClient _client;
    private readonly ReadingsStream _readings;
    private readonly EventsStream<TriageEvent>? _events;
    private readonly EventsStream<AlarmTransition>? _alarms;
    private readonly List<ForwardingLoop> _loops = [];
    private readonly Task _running;

    public TelemetryForwarder(
        ReadingsStream readings, EventsStream<TriageEvent>? events, EventsStream<AlarmTransition>? alarms, InfluxClient client, InfluxBatchWriter influx,
        IRejectedPoints? quarantine, TelemetryLimits limits, TimeProvider time, ILogger logger)
    {
        (_readings, _events, _alarms, _client) = (readings, events, alarms, client);
        foreach (var stream in new IForwardedStream?[] { readings, events, alarms })
        {
            if (stream is not null)
                _loops.Add(new ForwardingLoop(stream, influx, quarantine, limits, time, logger));
        }

        // A loop of its own each: a source of events that fails must not hold up readings.
        _running = Task.WhenAll(_loops.Select(loop => BehindAlarms.Run("forward", () => loop.RunAsync(_stop.Token))));
    }

    public ForwarderState State
    {
        get
        {
            var rejection = _loops.Select(loop => loop.LastRejection).OfType<Trouble>().MaxBy(trouble => trouble.At);
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
                last?.At)
            {
                AlarmsForwarded = _alarms?.Forwarded ?? 0,
                Refused = _loops.Exists(loop => loop.Current is { IsRefusal: true }),
                ServerVersion = _client.ServerVersion,
                LastRejectedAt = rejection?.At,
                LastRejectReason = rejection?.Reason,
                Failures = _loops.Aggregate(default(ForwardingFailures), static (sum, loop) => sum + loop.Failures),
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
