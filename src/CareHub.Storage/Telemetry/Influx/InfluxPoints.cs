using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded;

namespace CareHub.Storage.Telemetry.Influx;

/// <summary>
/// What the hub's points look like in InfluxDB. Dashboards depend on it.
/// </summary>
/// <remarks>
/// <para>
/// <c>readings</c>: tags <c>device</c>, <c>name</c>; one float field <c>value</c>. Cardinality is registered devices times
/// the handful of things each measures; both are bounded by the registry and the decoders, and neither names a person.
/// The name is a tag rather than a field of its own per name because <c>last(value) … GROUP BY name</c> then gives each
/// reading with its own time (over many fields it loses the times), because one field has one type for ever, and
/// because InfluxDB 3 bounds the columns of a table. On disk the two are the same: 1.x and 2.x store a column per
/// series and field.
/// </para>
/// <para>
/// <c>events</c>: tags <c>event</c>, <c>kind</c>, <c>priority</c>, <c>site</c>; fields <c>alarm</c> (text), <c>age_ms</c>
/// (integer), <c>device</c> (text). What identifies one alarm or is charted as a number is a field: as tags, alarms
/// would make a new series each.
/// </para>
/// </remarks>
internal static class InfluxPoints
{
    public const string Readings = "readings";
    public const string Events = "events";

    private const long NsPerMs = 1_000_000;
    private const long NsPerTick = 100;

    public static void Add(LineBatch batch, in Reading reading)
    {
        if (TryUnixNs(reading.At, out var unixNs))
            batch.Add(Readings, [new Tag("device", reading.DeviceId), new Tag("name", reading.Name)], [Field.Float("value", reading.Value)], unixNs);
        else
            batch.Refuse("time is outside InfluxDB's range (years 1677 to 2262)");
    }

    /// <remarks>
    /// A storm gives many events of one site the same time, and InfluxDB would keep only the last of those with equal
    /// tags. So the time is cut to the millisecond and the nanoseconds below it are taken from the event's position:
    /// distinct for a million events in a row, in their order, and the same when the event is sent again.
    /// </remarks>
    public static void Add(LineBatch batch, TriageEvent triaged)
    {
        if (!TryUnixNs(triaged.At, out var unixNs))
        {
            batch.Refuse("time is outside InfluxDB's range (years 1677 to 2262)");
            return;
        }

        batch.Add(
            Events,
            [new Tag("event", triaged.Event), new Tag("kind", triaged.Kind), new Tag("priority", triaged.Priority), new Tag("site", triaged.SiteId)],
            [Field.Text("alarm", triaged.AlarmId), Field.Integer("age_ms", triaged.AgeMs), Field.Text("device", triaged.DeviceId)],
            unixNs - (unixNs % NsPerMs) + (triaged.Cursor % NsPerMs));
    }

    /// <summary>A time as a query may name it: one outside InfluxDB's range is as good as its nearest end.</summary>
    public static long ClampedUnixNs(DateTimeOffset at) => TryUnixNs(at, out var unixNs)
        ? unixNs
        : at < DateTimeOffset.UnixEpoch ? LineProtocol.UnixNsMin : LineProtocol.UnixNsMax;

    public static DateTimeOffset ToTime(long unixNs) => UnixTicks.ToTime(unixNs / NsPerTick);

    private static bool TryUnixNs(DateTimeOffset at, out long unixNs)
    {
        var wide = (Int128)UnixTicks.From(at) * NsPerTick;
        unixNs = wide < LineProtocol.UnixNsMin || wide > LineProtocol.UnixNsMax ? 0 : (long)wide;
        return unixNs != 0 || wide == 0;
    }
}
