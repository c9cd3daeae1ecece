using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms.Journal;

/// <summary>A step of the engine as it is on record.</summary>
/// <param name="Decision">What was decided; null for an act and for time.</param>
internal sealed record RecordedStep(long Step, DateTimeOffset At, long RulesId, string SiteId, TriageInput Input, SignalDecision? Decision);

/// <summary>A rule set as it is on record.</summary>
internal sealed record RecordedRules(long Id, string Version, string TimeZone, string Source);

/// <summary>Reads back what the engine was given, in order. The connection's transaction decides as of when.</summary>
/// <exception cref="System.Text.Json.JsonException">An act or an origin cannot be read; <c>verify</c> says which.</exception>
internal sealed class JournalReader(SqliteConnection connection)
{
    private readonly Dictionary<long, DeviceFacts> _facts = [];

    public IReadOnlyList<RecordedRules> Rules() =>
        [.. connection.Rows("SELECT id, version, time_zone, source FROM rule_books ORDER BY id").Select(row => new RecordedRules(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)))];

    /// <summary>What the sites were when the journal began, and the last timeline row of that time.</summary>
    public (IReadOnlyList<SiteState> Sites, long Position) Origins()
    {
        var sites = new List<SiteState>();
        var position = 0L;
        foreach (var row in connection.Rows("SELECT position, state FROM origins"))
        {
            position = row.GetInt64(0);
            sites.Add(SiteStateJson.Read(row.GetFieldValue<byte[]>(1)));
        }

        return (sites, position);
    }

    public IEnumerable<RecordedStep> Steps()
    {
        using var signals = Signals().GetEnumerator();
        using var acts = Acts().GetEnumerator();
        var (signal, act) = (Next(signals), Next(acts));
        while (signal is not null || act is not null)
        {
            if (act is null || signal?.Step < act.Step)
            {
                yield return signal!;
                signal = Next(signals);
            }
            else
            {
                yield return act;
                act = Next(acts);
            }
        }

        static RecordedStep? Next(IEnumerator<RecordedStep> steps) => steps.MoveNext() ? steps.Current : null;
    }

    private IEnumerable<RecordedStep> Acts() => connection.Rows("SELECT step, at, rules_id, site_id, command FROM acts ORDER BY step").Select(row => new RecordedStep(
        row.GetInt64(0),
        UnixMs.ToTime(row.GetInt64(1)),
        row.GetInt64(2),
        row.GetString(3),
        row.IsDBNull(4) ? TriageInput.Time.Passes : new TriageInput.FromPerson(CommandJson.Read(row.GetFieldValue<byte[]>(4))),
        null));

    private IEnumerable<RecordedStep> Signals()
    {
        const string Sql = """
            SELECT step, stepped_at, rules_id, facts_id, staffed, device_id, signal_id, kind, source, received_at, device_at, buffered, of, confidence, zone, outcome, alarm_id, reason
            FROM signals WHERE step IS NOT NULL ORDER BY position
            """;
        foreach (var row in connection.Rows(Sql))
        {
            var facts = FactsOf(row.GetInt64(3));
            var signal = new Signal
            {
                DeviceId = row.GetString(5),
                Id = row.GetString(6),
                Kind = (SignalKind)row.GetByte(7),
                Source = (SignalSource)row.GetByte(8),
                ReceivedAt = UnixMs.ToTime(row.GetInt64(9)),
                DeviceAt = row.IsDBNull(10) ? null : UnixMs.ToTime(row.GetInt64(10)),
                Buffered = row.GetBoolean(11),
                Of = row.IsDBNull(12) ? null : (SignalKind)row.GetByte(12),
                Confidence = row.IsDBNull(13) ? null : row.GetDouble(13),
                Zone = row.Text(14),
            };
            yield return new(
                row.GetInt64(0),
                UnixMs.ToTime(row.GetInt64(1)),
                row.GetInt64(2),
                facts.SiteId,
                new TriageInput.FromDevice(signal, facts, row.GetBoolean(4)),
                new SignalDecision((SignalOutcome)row.GetByte(15), row.Text(16), row.GetString(17)));
        }
    }

    private DeviceFacts FactsOf(long id)
    {
        if (_facts.TryGetValue(id, out var known))
        {
            return known;
        }

        foreach (var row in connection.Rows("SELECT device_id, kind, site_id, resident_id, gateway_id, region_path FROM device_facts WHERE id = $id", ("$id", id)))
        {
            return _facts[id] = new DeviceFacts(row.GetString(0), row.GetString(1), row.GetString(2), row.Text(3))
            {
                GatewayId = row.Text(4),
                RegionPath = [.. row.GetString(5).Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            };
        }

        throw new InvalidDataException($"a signal refers to device facts {id}, which are not on record");
    }
}
