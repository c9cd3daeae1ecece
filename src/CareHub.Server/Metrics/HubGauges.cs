using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Mqtt.Broker;
using CareHub.Server.Bridge;
using CareHub.Server.Ingest;
using CareHub.Server.Notifications;
using CareHub.Server.Pipeline;
using CareHub.Server.Push;
using CareHub.Server.SelfWatch;
using CareHub.Storage;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Forwarding;

namespace CareHub.Server.Metrics;

/// <summary>What the parts of the hub know of themselves, looked up when somebody asks: it costs a message nothing.</summary>
internal sealed class HubGauges
{
    private readonly Meter _meter;

    public HubGauges(HubMeter meter, IServiceProvider parts)
    {
        _meter = meter.Meter;
        Ingest(parts.GetRequiredService<IngestCounters>(), parts.GetRequiredService<TelemetryLane>());
        Broker(parts.GetRequiredService<MqttServer>());
        Pipeline(parts.GetRequiredService<TriagePipeline>(), parts.GetRequiredService<TelemetryLane>(), parts.GetRequiredService<TelemetryLimits>(), parts.GetRequiredService<HubTrouble>());
        Consoles(parts.GetRequiredService<LiveQueue>(), parts.GetRequiredService<ConsoleBook>(), parts.GetRequiredService<RegistryView>());
        Telemetry(parts.GetRequiredService<TelemetryStorage>());
        Outside(parts.GetRequiredService<NotifyCounts>(), parts.GetRequiredService<BridgeService>());
        Process(parts.GetRequiredService<DataDirectory>(), parts.GetRequiredService<LogCounts>());
    }

    private void Ingest(IngestCounters counters, TelemetryLane lane)
    {
        Counter("carehub.signals.received", "{signal}", "Signals that could be decoded.", () => counters.Signals);
        Counter("carehub.readings.received", "{reading}", "Readings that could be decoded.", () => counters.Readings);
        Counter("carehub.signals.redelivered", "{signal}", "Signals that were on record already.", () => counters.Redelivered);
        Counter("carehub.messages.paced", "{message}", "Messages that waited unacknowledged because their device had used up its budget.", () => counters.Paced);
        Counters("carehub.messages.refused", "{message}", "Messages that the hub did not take, by reason.", () =>
        [
            Of(counters.RefusedPublishes, "reason", "not_authorized"),
            Of(counters.Quarantined, "reason", "quarantined"),
            Of(counters.OverBudget, "reason", "over_budget"),
            Of(lane.Shed, "reason", "telemetry_queue_full"),
        ]);
        Counters("carehub.connects.refused", "{connect}", "Connections that were not let in, by reason.", () => counters.RefusedConnectsByReason.Select(pair => Of(pair.Value, "reason", pair.Key)));
    }

    private void Broker(MqttServer broker)
    {
        Gauge("carehub.mqtt.connections", "{connection}", "MQTT connections.", () => broker.ConnectionCount);
        Gauge("carehub.mqtt.sessions", "{session}", "MQTT sessions, those of absent clients included.", () => broker.SessionCount);
        Gauge("carehub.mqtt.subscriptions", "{subscription}", "MQTT subscriptions.", () => broker.SubscriptionCount);
        Gauge("carehub.mqtt.retained", "{message}", "Retained messages.", () => broker.RetainedCount);
        Counters("carehub.mqtt.messages.dropped", "{message}", "Messages that did not reach a subscriber or were not kept, by reason.", () =>
        [
            Of(broker.Statistics.DroppedForSlowReader, "reason", "slow_reader"),
            Of(broker.Statistics.DroppedForFullQueue, "reason", "queue_full"),
            Of(broker.Statistics.Expired, "reason", "expired"),
            Of(broker.Statistics.DroppedAsTooLarge, "reason", "too_large"),
            Of(broker.Statistics.RetainedNotKept, "reason", "retained_full"),
        ]);
        Counter("carehub.mqtt.connections.refused", "{connection}", "Connections closed at once because there were too many.", () => broker.Statistics.RefusedConnections);
    }

    private void Pipeline(TriagePipeline pipeline, TelemetryLane lane, TelemetryLimits limits, HubTrouble trouble)
    {
        Gauges("carehub.queue.depth", "{item}", "Work that waits, by queue.", () =>
            [Of(pipeline.Waiting, "queue", "triage"), Of(pipeline.Committer.Waiting, "queue", "commit"), Of(lane.Waiting, "queue", "telemetry")]);
        Gauges("carehub.queue.limit", "{item}", "Where a queue is full.", () =>
            [Of(Limits.ShardQueueMax * Limits.Shards, "queue", "triage"), Of(Committer.WaitingMax, "queue", "commit"), Of(limits.SpoolQueuedReadingsMax, "queue", "telemetry")]);
        Counter("carehub.commits", "{transaction}", "Transactions of the alarm database.", () => pipeline.Committer.Committed);
        Counter("carehub.commits.failed", "{transaction}", "Transactions of the alarm database that did not reach the disk.", () => pipeline.Committer.Failed);
        Gauges("carehub.trouble", "1", "1 while the hub cannot do what it is for, by the word that consoles show.", () =>
        {
            var now = trouble.Now;
            return HubTrouble.All.Select(word => Of(now.Contains(word) ? 1 : 0, "trouble", word));
        });
    }

    private void Consoles(LiveQueue queue, ConsoleBook consoles, RegistryView registry)
    {
        Gauge("carehub.consoles", "{console}", "Consoles that are connected.", () => consoles.Count);
        Gauge("carehub.consoles.audible", "{console}", "Consoles whose sound runs and was confirmed by a person.", () => consoles.AudibleCount);
        Gauges("carehub.alarms.open", "{alarm}", "Open alarms, by state and priority.", () => queue.OpenBy().Select(each => new Measurement<long>(
            each.Count, Tag("state", Words<AlarmState>.Of(each.State)), Tag("priority", Words<Priority>.Of(each.Priority)))));
        Gauge("carehub.devices", "{device}", "Devices in the registry.", () => registry.Current.Devices.Count);
    }

    /// <summary>Without InfluxDB what is about it is absent, as what it measures is.</summary>
    private void Telemetry(TelemetryStorage telemetry)
    {
        Gauge("carehub.spool.size", "By", "Bytes of the spool's files.", () => telemetry.SpoolState.Bytes);
        Gauge("carehub.spool.limit", "By", "The spool's quota; past it the oldest readings of least value go first.", () => telemetry.SpoolState.BytesMax);
        Counter("carehub.spool.readings", "{reading}", "Readings that were put on disk.", () => telemetry.SpoolState.Committed);
        Counter("carehub.spool.commits", "{commit}", "Groups of readings that were put on disk.", () => telemetry.SpoolState.Commits);
        Counter("carehub.spool.commits.failed", "{commit}", "Groups of readings that did not reach the disk.", () => telemetry.SpoolState.FailedCommits);
        Counter("carehub.spool.shed", "{point}", "Readings that were given up because the spool was at its quota.", () => telemetry.SpoolState.Shed);
        Gauge("carehub.spool.unapplied", "{reading}", "Readings that are not in telemetry.db yet.", () => telemetry.SpoolState.NotApplied);

        _meter.CreateObservableGauge("carehub.spool.lag", Look(state => state.LagSeconds), "s", "How long the oldest reading has waited for InfluxDB.");
        Gauges("carehub.spool.points", "{point}", "Readings that InfluxDB has not confirmed.", Look(state => state.ReadingsWaiting));
        Gauges("carehub.influx.failing", "1", "1 while the latest attempt to write to InfluxDB failed.", Look(state => state.Failing ? 1L : 0));
        Counters("carehub.influx.readings.forwarded", "{point}", "Readings that InfluxDB has confirmed.", Look(state => state.ReadingsForwarded));
        Counters("carehub.influx.events.forwarded", "{point}", "Events that InfluxDB has confirmed.", Look(state => state.EventsForwarded));
        Counters("carehub.influx.points.rejected", "{point}", "Points that InfluxDB will not take.", Look(state => state.PointsRejected));
        Counters("carehub.influx.alarms.forwarded", "{point}", "Changes of alarms that InfluxDB has confirmed.", Look(state => state.AlarmsForwarded));
        Gauges("carehub.influx.refused", "1", "1 while InfluxDB refuses for a reason that waiting does not mend: credentials, rights, a missing database.", Look(state => state.Refused ? 1L : 0));

        Counters("carehub.influx.failures", "{attempt}", "Attempts to write to InfluxDB that failed, by what they failed for.", () => telemetry.Forwarder is { Failures: var failures }
            ? [Of(failures.Unavailable, "cause", "unavailable"), Of(failures.Refused, "cause", "refused"), Of(failures.Own, "cause", "own")]
            : []);

        Func<IEnumerable<Measurement<T>>> Look<T>(Func<ForwarderState, T> value)
            where T : struct => () => telemetry.Forwarder is { } state ? [new Measurement<T>(value(state))] : [];
    }

    private void Outside(NotifyCounts notified, BridgeService bridges)
    {
        Counters("carehub.notifications", "{notification}", "Notifications to people who are not at a console, by outcome.", () =>
            [Of(notified.Delivered, "outcome", "delivered"), Of(notified.FailedAttempts, "outcome", "failed_attempt"), Of(notified.GivenUp, "outcome", "given_up")]);
        Gauges("carehub.bridge.connected", "1", "1 while a lane of a bridge to another broker is connected.", () => bridges.Status.Select(lane =>
            new Measurement<long>(lane.Connected ? 1 : 0, Tag("bridge", lane.Name), Tag("lane", Words<BridgeLane>.Of(lane.Lane)))));
    }

    private void Process(DataDirectory data, LogCounts logs)
    {
        var started = Stopwatch.GetTimestamp();
        _meter.CreateObservableGauge("process.uptime", () => Stopwatch.GetElapsedTime(started).TotalSeconds, "s", "Since the hub started.");
        Gauge("process.unix.file_descriptor.count", "{file_descriptor}", "Open file descriptors.", FileDescriptors);
        Gauge("carehub.disk.free", "By", "Free space of the disk that holds the data directory.", () => new DriveInfo(data.Root).AvailableFreeSpace);
        Counters("carehub.log.events", "{event}", "Log events of level warning and above, by their id: docs/events.md.", () => logs.All.Select(each =>
            new Measurement<long>(each.Count, Tag("level", each.Level), Tag("event", each.Event))));
        var version = typeof(HubGauges).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        Gauges("carehub.build.info", "1", "Always 1; its label says which build runs.", () => [Of(1, "version", version)]);
    }

    private static long FileDescriptors() => OperatingSystem.IsLinux() ? Directory.EnumerateFileSystemEntries("/proc/self/fd").LongCount() : 0;

    private void Counter(string name, string unit, string description, Func<long> look) => _meter.CreateObservableCounter(name, look, unit, description);

    private void Counters(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> look) => _meter.CreateObservableCounter(name, look, unit, description);

    private void Gauge(string name, string unit, string description, Func<long> look) => _meter.CreateObservableGauge(name, look, unit, description);

    private void Gauges(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> look) => _meter.CreateObservableGauge(name, look, unit, description);

    private static Measurement<long> Of(long value, string name, string word) => new(value, Tag(name, word));

    private static KeyValuePair<string, object?> Tag(string name, string word) => new(name, word);
}
