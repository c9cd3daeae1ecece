using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using CareHub.Storage.Telemetry.Forwarding;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Telemetry.Spool;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry;

/// <summary>The way in: opens what the hub's configuration asks for, and owns it.</summary>
internal sealed class TelemetryStorage : IAsyncDisposable
{
    private readonly TelemetryFile _file;
    private readonly EmbeddedApplier _applier;
    private readonly InfluxClient? _client;
    private readonly TelemetryForwarder? _forwarder;

    private TelemetryStorage(TelemetryFile file, ReadingSpool spool, EmbeddedApplier applier, EmbeddedTelemetryStore local, ITelemetryStore store, InfluxClient? client, TelemetryForwarder? forwarder)
    {
        (_file, Spool, _applier, Local, Store, _client, _forwarder) = (file, spool, applier, local, store, client, forwarder);
        file.BeforeRead = applier.CatchUpAsync;
    }

    /// <summary>Where readings are read, and batches appended.</summary>
    public ITelemetryStore Store { get; }

    /// <summary>What this machine knows, without asking another: for work that must not wait for one.</summary>
    public EmbeddedTelemetryStore Local { get; }

    /// <summary>Where readings become durable, and their sender can be told so.</summary>
    public ReadingSpool Spool { get; }

    /// <summary>How the spool stands right now.</summary>
    public SpoolState SpoolState => Spool.State(_applier.Waiting);

    /// <summary>How forwarding stands right now; null without InfluxDB.</summary>
    public ForwarderState? Forwarder => _forwarder?.State;

    /// <summary>
    /// Opens the spool and <c>telemetry.db</c> in the directory and, with InfluxDB configured, starts forwarding. InfluxDB
    /// itself need not be reachable.
    /// </summary>
    /// <param name="directory">Created when missing.</param>
    /// <param name="influx">Null keeps readings in the embedded store alone.</param>
    /// <param name="events">What triage decided, to be forwarded, if any.</param>
    /// <param name="time">Clock of intervals and lag.</param>
    /// <param name="loggerFactory">Where log lines go.</param>
    /// <param name="limits">Bounds; the defaults when null.</param>
    /// <param name="parts">What the rest of the hub lends.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message holds every error.</exception>
    public static TelemetryStorage Open(
        string directory, InfluxOptions? influx, ITriageEventSource? events, TimeProvider time, ILoggerFactory loggerFactory, TelemetryLimits? limits = null, TelemetryParts? parts = null)
    {
        limits ??= TelemetryLimits.Default;
        parts ??= new TelemetryParts();
        if (influx?.Validate() is { Count: > 0 } errors)
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(influx));

        Directory.CreateDirectory(directory);
        var logger = loggerFactory.CreateLogger<ReadingSpool>();
        var book = new SeriesBook(parts.Classes, parts.Tags);
        OldSpool.Move(directory, book, limits, logger);
        var file = TelemetryFile.Open(directory, limits, loggerFactory);
        var positions = new PositionFile(Path.Combine(directory, "influx-readings.position"));
        var (applied, forwarded) = (file.AppliedAtOpen, positions.Read());
        var reached = new SpoolPosition(Math.Max(applied.Vital, forwarded.Vital), Math.Max(applied.Low, forwarded.Low));
        var spool = ReadingSpool.Open(directory, reached, book, limits, time, logger, parts.Disk);
        var embedded = new EmbeddedTelemetryStore(file, spool);
        var follower = spool.Follow(applied);
        if (influx is null)
            return new TelemetryStorage(file, spool, new EmbeddedApplier(spool, follower, embedded, limits, time, logger), embedded, embedded, null, null);

        var readings = new ReadingsStream(spool.Follow(forwarded), positions, limits, time);
        var client = new InfluxClient(influx, limits, time);
        var writer = new InfluxBatchWriter(client, influx.CreateDatabase && !influx.UsesBuckets);
        var log = loggerFactory.CreateLogger<TelemetryForwarder>();
        var forwarder = new TelemetryForwarder(
            readings,
            events is null ? null : EventsStream.Events(events, new PositionFile(Path.Combine(directory, "influx-events.position")), limits, time),
            events is null ? null : EventsStream.Alarms(events, new InfluxPoints(parts.Tags), new PositionFile(Path.Combine(directory, "influx-alarms.position")), limits, time),
            client, writer, parts.Quarantine, limits with { ForwardShare = influx.DrainShare }, time, log);
        var store = new ForwardedTelemetryStore(embedded, new InfluxTelemetryStore(client, writer), limits, time, log);
        return new TelemetryStorage(file, spool, new EmbeddedApplier(spool, follower, embedded, limits, time, logger), embedded, store, client, forwarder);
    }

    /// <summary>Finishes the commits that callers wait for, stops forwarding, closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        await Spool.StopAsync();
        if (_forwarder is not null)
            await _forwarder.DisposeAsync();
        _client?.Dispose();
        await _applier.DisposeAsync();
        await Spool.DisposeAsync();
        await _file.DisposeAsync();
    }
}

/// <summary>What the hub lends to telemetry. All of it may be missing: in tests, and where only readings are looked at.</summary>
internal sealed record TelemetryParts
{
    /// <summary>Which readings can be spared first.</summary>
    public ReadingClasses Classes { get; init; } = ReadingClasses.Default;

    /// <summary>Places of devices.</summary>
    public IDeviceTags? Tags { get; init; }

    /// <summary>Where points go that InfluxDB refuses for good.</summary>
    public IRejectedPoints? Quarantine { get; init; }

    /// <summary>Where tests put faults.</summary>
    public SegmentDisk? Disk { get; init; }
}
