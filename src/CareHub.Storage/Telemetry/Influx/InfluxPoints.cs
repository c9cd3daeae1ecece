using System.Buffers;
using System.Globalization;
using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Storage.Telemetry.Influx;

/// <summary>What the hub's points look like in InfluxDB. Dashboards depend on it: docs/influxdb.md says the same to people.</summary>
/// <remarks>
/// The name of a reading is a tag rather than a field of its own because <c>last(value) … GROUP BY name</c> then gives each
/// reading with its own time (over many fields it loses the times), because one field has one type for ever, and because
/// InfluxDB 3 bounds the columns of a table. What identifies one alarm or is charted as a number is a field: as tags,
/// alarms would make a new series each.
/// </remarks>
internal sealed class InfluxPoints(IDeviceTags? tags)
{
    public const string Readings = "readings";
    public const string Events = "events";
    public const string Alarms = "alarms";

    private const long NsPerMs = 1_000_000;
    private const long NsPerTick = 100;
    private const string OutOfRange = "time is outside InfluxDB's range (years 1677 to 2262)";

    public static void Add(LineBatch batch, in SpoolReading reading)
    {
        var series = reading.Series;
        var origin = new LineOrigin(series.Device, series.Tags.Site);
        var head = series.LinePrefix ??= HeadOf(series);
        if (head.Length == 0)
            batch.Refuse(origin, Describe(reading), WhyNoHead(series));
        else if (TryUnixNs(reading.AtTicks, out var unixNs))
            batch.Add(head, reading.Value, unixNs, origin);
        else
            batch.Refuse(origin, Describe(reading), OutOfRange);
    }

    public static void Add(LineBatch batch, in Reading reading) =>
        Add(batch, new SpoolReading(new Series(1, reading.DeviceId, reading.Name, default, SpoolLane.Vital), UnixTicks.From(reading.At), reading.Value, 0));

    public static void Add(LineBatch batch, TriageEvent triaged)
    {
        var origin = new LineOrigin(triaged.DeviceId, triaged.SiteId);
        if (!TryTime(triaged.At, triaged.Cursor, out var unixNs))
        {
            batch.Refuse(origin, $"signal {triaged.Cursor}", OutOfRange);
            return;
        }

        Tag[] head = [new("event", triaged.Event), new("kind", triaged.Kind), new("region", triaged.RegionId), new("site", triaged.SiteId), new("source", triaged.Source)];
        if (triaged.AlarmId is { } alarm)
            batch.Add(Events, head, [Field.Text("device", triaged.DeviceId), Field.Integer("redeliveries", triaged.Redeliveries), Field.Text("alarm", alarm)], unixNs, origin);
        else
            batch.Add(Events, head, [Field.Text("device", triaged.DeviceId), Field.Integer("redeliveries", triaged.Redeliveries)], unixNs, origin);
    }

    public void Add(LineBatch batch, AlarmTransition change)
    {
        var origin = new LineOrigin(change.DeviceId, change.SiteId);
        if (!TryTime(change.At, change.Cursor, out var unixNs))
        {
            batch.Refuse(origin, $"alarm {change.AlarmId}, {change.Event}", OutOfRange);
            return;
        }

        Tag[] head =
        [
            new("disposition", change.Disposition ?? ""), new("event", change.Event), new("kind", change.Kind), new("priority", change.Priority),
            new("region", tags?.RegionOf(change.SiteId) ?? ""), new("site", change.SiteId),
        ];
        if (change.IsFirst && AgeField(change.Event) is { } age)
            batch.Add(Alarms, head, [Field.Text("alarm", change.AlarmId), Field.Text("device", change.DeviceId), Field.Integer("age_ms", change.AgeMs), Field.Integer(age, change.AgeMs)], unixNs, origin);
        else
            batch.Add(Alarms, head, [Field.Text("alarm", change.AlarmId), Field.Text("device", change.DeviceId), Field.Integer("age_ms", change.AgeMs)], unixNs, origin);
    }

    /// <summary>The field in which the first of these changes has its age, so that response times are one query.</summary>
    private static string? AgeField(string change) => change switch
    {
        "seen" => "to_seen_ms",
        "acknowledged" => "to_acknowledged_ms",
        "claimed" => "to_claimed_ms",
        "on_scene" => "to_on_scene_ms",
        "resolved" or "auto_closed" or "cancelled" => "to_closed_ms",
        _ => null,
    };

    private static byte[] HeadOf(Series series)
    {
        var head = new ArrayBufferWriter<byte>(128);
        return LineProtocol.AppendHead(head, Readings, TagsOf(series), "value") is null ? head.WrittenSpan.ToArray() : [];
    }

    private static string WhyNoHead(Series series) => LineProtocol.AppendHead(new ArrayBufferWriter<byte>(), Readings, TagsOf(series), "value") ?? "";

    private static Tag[] TagsOf(Series series) =>
    [
        new("device", series.Device), new("kind", series.Tags.Kind ?? ""), new("name", series.Name), new("region", series.Tags.Region ?? ""), new("site", series.Tags.Site ?? ""),
    ];

    private static string Describe(in SpoolReading reading) =>
        string.Create(CultureInfo.InvariantCulture, $"{reading.Series.Name}={reading.Value} {UnixTicks.ToTime(reading.AtTicks):O}");

    /// <remarks>
    /// A storm gives many events of one site the same time, and InfluxDB would keep only the last of those with equal
    /// tags. So the time is cut to the millisecond and the nanoseconds below it are taken from the event's position:
    /// distinct for a million events in a row, in their order, and the same when the event is sent again.
    /// </remarks>
    private static bool TryTime(DateTimeOffset at, long cursor, out long unixNs)
    {
        if (!TryUnixNs(UnixTicks.From(at), out unixNs))
            return false;
        unixNs = unixNs - (unixNs % NsPerMs) + (cursor % NsPerMs);
        return true;
    }

    /// <summary>A time as a query may name it: one outside InfluxDB's range is as good as its nearest end.</summary>
    public static long ClampedUnixNs(DateTimeOffset at) => TryUnixNs(UnixTicks.From(at), out var unixNs)
        ? unixNs
        : at < DateTimeOffset.UnixEpoch ? LineProtocol.UnixNsMin : LineProtocol.UnixNsMax;

    public static DateTimeOffset ToTime(long unixNs) => UnixTicks.ToTime(unixNs / NsPerTick);

    private static bool TryUnixNs(long ticks, out long unixNs)
    {
        const long TicksMax = LineProtocol.UnixNsMax / NsPerTick, TicksMin = LineProtocol.UnixNsMin / NsPerTick;
        unixNs = ticks is >= TicksMin and <= TicksMax ? ticks * NsPerTick : 0;
        return ticks is >= TicksMin and <= TicksMax;
    }
}
