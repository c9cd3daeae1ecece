using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using CareHub.Storage.Telemetry.Forwarding;
using CareHub.Storage.Telemetry.Influx;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry;

/// <summary>The way in: opens what the hub's configuration asks for, and owns it.</summary>
internal sealed class TelemetryStorage : IAsyncDisposable
{
    private readonly TelemetryFile _file;
    private readonly InfluxClient? _client;
    private readonly TelemetryForwarder? _forwarder;

    private TelemetryStorage(TelemetryFile file, ITelemetryStore local, ITelemetryStore store, InfluxClient? client, TelemetryForwarder? forwarder)
    {
        _file = file;
        Local = local;
        Store = store;
        _client = client;
        _forwarder = forwarder;
    }

    /// <summary>Where readings go and come from.</summary>
    public ITelemetryStore Store { get; }

    /// <summary>What this machine knows, without asking another: for work that must not wait for one.</summary>
    public ITelemetryStore Local { get; }

    /// <summary>How forwarding stands right now; null without InfluxDB.</summary>
    public ForwarderState? Forwarder => _forwarder?.State;

    /// <summary>
    /// Opens <c>telemetry.db</c> in the directory and, with InfluxDB configured, starts forwarding. InfluxDB itself need
    /// not be reachable.
    /// </summary>
    /// <param name="directory">Created when missing.</param>
    /// <param name="influx">Null keeps readings in the embedded store alone.</param>
    /// <param name="events">Triage events to forward, if any.</param>
    /// <param name="time">Clock of intervals and lag.</param>
    /// <param name="loggerFactory">Where log lines go.</param>
    /// <param name="limits">Bounds; the defaults when null.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message holds every error.</exception>
    public static TelemetryStorage Open(string directory, InfluxOptions? influx, ITriageEventSource? events, TimeProvider time, ILoggerFactory loggerFactory, TelemetryLimits? limits = null)
    {
        limits ??= TelemetryLimits.Default;
        if (influx?.Validate() is { Count: > 0 } errors)
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(influx));

        var file = TelemetryFile.Open(directory, limits, loggerFactory);
        if (influx is null)
        {
            var alone = new EmbeddedTelemetryStore(file);
            return new TelemetryStorage(file, alone, alone, null, null);
        }

        var logger = loggerFactory.CreateLogger<TelemetryForwarder>();
        var spool = new TelemetrySpool(file, time);
        var client = new InfluxClient(influx, limits, time);
        var writer = new InfluxBatchWriter(client, influx.CreateDatabase);
        var local = new EmbeddedTelemetryStore(file, spool);
        var store = new ForwardedTelemetryStore(local, new InfluxTelemetryStore(client, writer), logger);
        return new TelemetryStorage(file, local, store, client, new TelemetryForwarder(spool, events, writer, limits, time, logger));
    }

    /// <summary>Stops forwarding, finishes the writes that callers wait for, closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_forwarder is not null)
            await _forwarder.DisposeAsync();
        _client?.Dispose();
        await _file.DisposeAsync();
    }
}
