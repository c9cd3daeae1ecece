using CareHub.Core.Alarms;
using CareHub.Core.Triage;
using CareHub.Storage.Alarms.Journal;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms;

internal sealed class SignalStatements(SqliteConnection connection) : IDisposable
{
    private readonly SqlStatement _insert = new(
        connection,
        """
        INSERT INTO signals (device_id, signal_id, kind, source, received_at, device_at, outcome, alarm_id, reason, redeliveries, raw,
            step, stepped_at, rules_id, facts_id, staffed, buffered, of, confidence, zone)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
        """);

    private readonly SqlStatement _redelivery = new(connection, "UPDATE signals SET redeliveries = redeliveries + 1 WHERE signal_id = ?2 AND device_id = ?1");

    public void Insert(in SignalRecord record, in StepKey step)
    {
        var (signal, decision) = (record.Signal, record.Decision);
        _insert.Bind(1, signal.DeviceId);
        _insert.Bind(2, signal.Id);
        _insert.Bind(3, (int)signal.Kind);
        _insert.Bind(4, (int)signal.Source);
        _insert.Bind(5, signal.ReceivedAt.ToUnixTimeMilliseconds());
        _insert.Bind(6, UnixMs.From(signal.DeviceAt));
        _insert.Bind(7, (int)decision.Outcome);
        _insert.Bind(8, decision.AlarmId);
        _insert.Bind(9, decision.Reason);
        _insert.Bind(10, signal.Raw.Span);
        _insert.Bind(11, step.Step);
        _insert.Bind(12, record.Mark.At.ToUnixTimeMilliseconds());
        _insert.Bind(13, step.RulesId);
        _insert.Bind(14, step.FactsId);
        _insert.Bind(15, record.Input.IsStaffed);
        _insert.Bind(16, signal.Buffered);
        _insert.Bind(17, (int?)signal.Of);
        _insert.Bind(18, signal.Confidence);
        _insert.Bind(19, signal.Zone);
        _insert.Run();
    }

    public void CountRedelivery(Redelivery redelivery)
    {
        _redelivery.Bind(1, redelivery.DeviceId);
        _redelivery.Bind(2, redelivery.SignalId);
        _redelivery.Run();
    }

    public void Dispose()
    {
        _insert.Dispose();
        _redelivery.Dispose();
    }
}

/// <summary>The newest row of the timeline.</summary>
internal readonly record struct TimelineHead(long Position, byte[] Hash);

internal sealed class TimelineStatement : IDisposable
{
    private readonly SqlStatement _insert;

    public TimelineStatement(SqliteConnection connection)
    {
        _insert = new(
            connection,
            """
            INSERT INTO timeline (alarm_id, seq, at, event, author_kind, author_id, author_name, reason, note, hash, position, previous)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """);
        using var head = new SqlStatement(connection, "SELECT position, hash FROM timeline ORDER BY position DESC LIMIT 1");
        Head = head.Step() ? new(head.Number(0)!.Value, head.Blob(1)) : new(0, TimelineChain.Root);
    }

    public TimelineHead Head { get; set; }

    /// <param name="entry">What to append.</param>
    /// <param name="previous">Position of the entry before it of the same alarm; 0 when it is the first, or of no alarm.</param>
    /// <returns>Its position.</returns>
    public long Append(TimelineEntry entry, long previous)
    {
        Head = new(Head.Position + 1, TimelineChain.Next(Head.Hash, entry));
        _insert.Bind(1, entry.AlarmId);
        _insert.Bind(2, entry.Seq);
        _insert.Bind(3, entry.At.ToUnixTimeMilliseconds());
        _insert.Bind(4, (int)entry.Event);
        _insert.Bind(5, (int)entry.Author.Kind);
        _insert.Bind(6, entry.Author.Id);
        _insert.Bind(7, entry.Author.Name);
        _insert.Bind(8, entry.Reason);
        _insert.Bind(9, entry.Note);
        _insert.Bind(10, Head.Hash);
        _insert.Bind(11, Head.Position);
        _insert.Bind(12, previous);
        _insert.Run();
        return Head.Position;
    }

    public void Dispose() => _insert.Dispose();
}

internal sealed class PendingStatements(SqliteConnection connection) : IDisposable
{
    private readonly SqlStatement _add = new(
        connection,
        "INSERT INTO pending (device_id, kind, site_id, resident_id, device_kind, gateway_id, region_path, occurred_at, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");

    private readonly SqlStatement _remove = new(connection, "DELETE FROM pending WHERE device_id = ?1 AND kind = ?2");

    public void Add(PendingAlarm pending)
    {
        _add.Bind(1, pending.Device.Id);
        _add.Bind(2, (int)pending.Kind);
        _add.Bind(3, pending.Device.SiteId);
        _add.Bind(4, pending.Device.ResidentId);
        _add.Bind(5, pending.Device.Kind);
        _add.Bind(6, pending.Device.GatewayId);
        _add.Bind(7, string.Join(' ', pending.Device.RegionPath));
        _add.Bind(8, pending.OccurredAt.ToUnixTimeMilliseconds());
        _add.Bind(9, pending.DueAt.ToUnixTimeMilliseconds());
        _add.Run();
    }

    public void Remove(AlarmKey key)
    {
        _remove.Bind(1, key.DeviceId);
        _remove.Bind(2, (int)key.Kind);
        _remove.Run();
    }

    public void Dispose()
    {
        _add.Dispose();
        _remove.Dispose();
    }
}

internal sealed class MemoryStatement(SqliteConnection connection) : IDisposable
{
    private readonly SqlStatement _save = new(
        connection,
        "INSERT INTO site_memory (site_id, memory) VALUES (?1, ?2) ON CONFLICT (site_id) DO UPDATE SET memory = excluded.memory");

    public void Save(string siteId, SiteMemory memory)
    {
        _save.Bind(1, siteId);
        _save.Bind(2, SiteMemoryJson.Write(memory));
        _save.Run();
    }

    public void Dispose() => _save.Dispose();
}

internal sealed class QuarantineStatement(SqliteConnection connection) : IDisposable
{
    private readonly SqlStatement _insert = new(
        connection,
        "INSERT INTO quarantine (at, device_id, site_id, topic, reason, offset, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");

    public void Insert(Quarantined quarantined)
    {
        _insert.Bind(1, quarantined.At.ToUnixTimeMilliseconds());
        _insert.Bind(2, quarantined.DeviceId);
        _insert.Bind(3, quarantined.SiteId);
        _insert.Bind(4, quarantined.Topic);
        _insert.Bind(5, quarantined.Reason);
        _insert.Bind(6, quarantined.Offset);
        _insert.Bind(7, quarantined.Payload);
        _insert.Run();
    }

    public void Dispose() => _insert.Dispose();
}
