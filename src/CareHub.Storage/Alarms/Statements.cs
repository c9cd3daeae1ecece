using CareHub.Core.Alarms;
using CareHub.Core.Triage;
using CareHub.Storage.Alarms.Journal;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms;

/// <summary>A prepared statement whose parameters are set by position: the hot path parses and names nothing.</summary>
internal sealed class PreparedStatement : IDisposable
{
    private readonly SqliteCommand _command;

    public PreparedStatement(SqliteConnection connection, string sql, int parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        for (var index = 1; index <= parameters; index++)
        {
            _command.Parameters.Add(new SqliteParameter { ParameterName = $"?{index}", Value = DBNull.Value });
        }

        _command.Prepare();
    }

    /// <summary>Sets parameter <paramref name="index"/> (from 1); null becomes NULL.</summary>
    public void Set(int index, object? value) => _command.Parameters[index - 1].Value = value ?? DBNull.Value;

    public int Execute(SqliteTransaction transaction)
    {
        _command.Transaction = transaction;
        return _command.ExecuteNonQuery();
    }

    public SqliteDataReader Read(SqliteTransaction transaction)
    {
        _command.Transaction = transaction;
        return _command.ExecuteReader();
    }

    public object? Scalar(SqliteTransaction? transaction = null)
    {
        _command.Transaction = transaction;
        return _command.ExecuteScalar();
    }

    public void Dispose() => _command.Dispose();
}

internal sealed class SignalStatements(SqliteConnection connection) : IDisposable
{
    private readonly PreparedStatement _insert = new(
        connection,
        """
        INSERT INTO signals (device_id, signal_id, kind, source, received_at, device_at, outcome, alarm_id, reason, redeliveries, raw,
            step, stepped_at, rules_id, facts_id, staffed, buffered, of, confidence, zone)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
        """,
        19);

    private readonly PreparedStatement _redelivery = new(connection, "UPDATE signals SET redeliveries = redeliveries + 1 WHERE device_id = ?1 AND signal_id = ?2", 2);

    public void Insert(in SignalRecord record, in StepKey step, SqliteTransaction transaction)
    {
        var (signal, decision) = (record.Signal, record.Decision);
        _insert.Set(1, signal.DeviceId);
        _insert.Set(2, signal.Id);
        _insert.Set(3, (int)signal.Kind);
        _insert.Set(4, (int)signal.Source);
        _insert.Set(5, signal.ReceivedAt.ToUnixTimeMilliseconds());
        _insert.Set(6, UnixMs.From(signal.DeviceAt));
        _insert.Set(7, (int)decision.Outcome);
        _insert.Set(8, decision.AlarmId);
        _insert.Set(9, decision.Reason);
        _insert.Set(10, signal.Raw.ToArray());
        _insert.Set(11, step.Step);
        _insert.Set(12, record.Mark.At.ToUnixTimeMilliseconds());
        _insert.Set(13, step.RulesId);
        _insert.Set(14, step.FactsId);
        _insert.Set(15, record.Input.IsStaffed);
        _insert.Set(16, signal.Buffered);
        _insert.Set(17, (int?)signal.Of);
        _insert.Set(18, signal.Confidence);
        _insert.Set(19, signal.Zone);
        _insert.Execute(transaction);
    }

    public void CountRedelivery(Redelivery redelivery, SqliteTransaction transaction)
    {
        _redelivery.Set(1, redelivery.DeviceId);
        _redelivery.Set(2, redelivery.SignalId);
        _redelivery.Execute(transaction);
    }

    public void Dispose()
    {
        _insert.Dispose();
        _redelivery.Dispose();
    }
}

internal sealed class AlarmStatement(SqliteConnection connection) : IDisposable
{
    private static readonly string[] Columns =
    [
        "id", "site_id", "number", "device_id", "device_kind", "gateway_id", "resident_id", "kind", "priority", "active", "acknowledged",
        "raised_at", "occurred_at", "last_signal_at", "annunciated_at", "activated_at", "seen", "policy", "tier", "escalated_at",
        "escalated_to", "stage", "progress_at", "reminded", "assigned_to", "assigned_name", "assigned_at", "incident_id", "incident",
        "suppressed_by", "suppression_cause", "suppressed_until", "restores_priority", "chattering", "verify_until", "count", "zone", "acknowledged_by", "acknowledged_name", "acknowledged_at",
        "claimed_by", "claimed_name", "claimed_at", "seen_by", "seen_name", "seen_at", "closed_at", "disposition", "closed_by_kind",
        "closed_by", "closed_name", "version", "annunciated_version", "decisive_version",
    ];

    private readonly PreparedStatement _upsert = new(
        connection,
        $"""
        INSERT INTO alarms ({string.Join(", ", Columns)})
        VALUES ({string.Join(", ", Columns.Select((_, index) => $"?{index + 1}"))})
        ON CONFLICT (id) DO UPDATE SET {string.Join(", ", Columns.Skip(1).Select(column => $"{column} = excluded.{column}"))}
        """,
        Columns.Length);

    public void Upsert(Alarm alarm, SqliteTransaction transaction)
    {
        var index = 0;
        void Next(object? value) => _upsert.Set(++index, value);
        void Signed(Signature? signature)
        {
            Next(signature?.User);
            Next(signature?.Name);
            Next(UnixMs.From(signature?.At));
        }

        Next(alarm.Id);
        Next(alarm.SiteId);
        Next(alarm.Number);
        Next(alarm.DeviceId);
        Next(alarm.DeviceKind);
        Next(alarm.GatewayId);
        Next(alarm.ResidentId);
        Next((int)alarm.Kind);
        Next((int)alarm.Priority);
        Next(alarm.Active);
        Next(alarm.Acknowledged);
        Next(alarm.RaisedAt.ToUnixTimeMilliseconds());
        Next(alarm.OccurredAt.ToUnixTimeMilliseconds());
        Next(alarm.LastSignalAt.ToUnixTimeMilliseconds());
        Next(alarm.AnnunciatedAt.ToUnixTimeMilliseconds());
        Next(alarm.ActivatedAt.ToUnixTimeMilliseconds());
        Next(alarm.Seen);
        Next(alarm.Policy);
        Next(alarm.Tier);
        Next(UnixMs.From(alarm.EscalatedAt));
        Next((int?)alarm.EscalatedTo);
        Next((int)alarm.Stage);
        Next(UnixMs.From(alarm.ProgressAt));
        Next(alarm.Reminded);
        Signed(alarm.AssignedTo);
        Next(alarm.IncidentId);
        Next((int)alarm.Incident);
        Next((int?)alarm.Suppression?.Kind);
        Next(alarm.Suppression?.Cause);
        Next(UnixMs.From(alarm.Suppression?.Until));
        Next((int?)alarm.Suppression?.Restores);
        Next(alarm.Chattering);
        Next(UnixMs.From(alarm.VerifyUntil));
        Next(alarm.Count);
        Next(alarm.Zone);
        Signed(alarm.AcknowledgedBy);
        Signed(alarm.ClaimedBy);
        Signed(alarm.FirstSeenBy);
        Next(UnixMs.From(alarm.ClosedAt));
        Next((int?)alarm.Disposition);
        Next((int?)alarm.ClosedBy?.Kind);
        Next(alarm.ClosedBy?.Id);
        Next(alarm.ClosedBy?.Name);
        Next(alarm.Version);
        Next(alarm.AnnunciatedVersion);
        Next(alarm.DecisiveVersion);
        _upsert.Execute(transaction);
    }

    public void Dispose() => _upsert.Dispose();
}

internal sealed class TimelineStatement : IDisposable
{
    private readonly PreparedStatement _insert;

    public TimelineStatement(SqliteConnection connection)
    {
        _insert = new(
            connection,
            """
            INSERT INTO timeline (alarm_id, seq, at, event, author_kind, author_id, author_name, reason, note, hash)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """,
            10);
        using var head = new PreparedStatement(connection, "SELECT hash FROM timeline ORDER BY position DESC LIMIT 1", 0);
        Head = head.Scalar() as byte[] ?? TimelineChain.Root;
    }

    /// <summary>Hash of the newest row.</summary>
    public byte[] Head { get; set; }

    public void Append(TimelineEntry entry, SqliteTransaction transaction)
    {
        Head = TimelineChain.Next(Head, entry);
        _insert.Set(1, entry.AlarmId);
        _insert.Set(2, entry.Seq);
        _insert.Set(3, entry.At.ToUnixTimeMilliseconds());
        _insert.Set(4, (int)entry.Event);
        _insert.Set(5, (int)entry.Author.Kind);
        _insert.Set(6, entry.Author.Id);
        _insert.Set(7, entry.Author.Name);
        _insert.Set(8, entry.Reason);
        _insert.Set(9, entry.Note);
        _insert.Set(10, Head);
        _insert.Execute(transaction);
    }

    public void Dispose() => _insert.Dispose();
}

internal sealed class PendingStatements(SqliteConnection connection) : IDisposable
{
    private readonly PreparedStatement _add = new(
        connection,
        "INSERT INTO pending (device_id, kind, site_id, resident_id, device_kind, gateway_id, region_path, occurred_at, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        9);

    private readonly PreparedStatement _remove = new(connection, "DELETE FROM pending WHERE device_id = ?1 AND kind = ?2", 2);

    public void Add(PendingAlarm pending, SqliteTransaction transaction)
    {
        _add.Set(1, pending.Device.Id);
        _add.Set(2, (int)pending.Kind);
        _add.Set(3, pending.Device.SiteId);
        _add.Set(4, pending.Device.ResidentId);
        _add.Set(5, pending.Device.Kind);
        _add.Set(6, pending.Device.GatewayId);
        _add.Set(7, string.Join(' ', pending.Device.RegionPath));
        _add.Set(8, pending.OccurredAt.ToUnixTimeMilliseconds());
        _add.Set(9, pending.DueAt.ToUnixTimeMilliseconds());
        _add.Execute(transaction);
    }

    public void Remove(AlarmKey key, SqliteTransaction transaction)
    {
        _remove.Set(1, key.DeviceId);
        _remove.Set(2, (int)key.Kind);
        _remove.Execute(transaction);
    }

    public void Dispose()
    {
        _add.Dispose();
        _remove.Dispose();
    }
}

internal sealed class MemoryStatement(SqliteConnection connection) : IDisposable
{
    private readonly PreparedStatement _save = new(
        connection,
        "INSERT INTO site_memory (site_id, memory) VALUES (?1, ?2) ON CONFLICT (site_id) DO UPDATE SET memory = excluded.memory",
        2);

    public void Save(string siteId, SiteMemory memory, SqliteTransaction transaction)
    {
        _save.Set(1, siteId);
        _save.Set(2, SiteMemoryJson.Write(memory));
        _save.Execute(transaction);
    }

    public void Dispose() => _save.Dispose();
}

internal sealed class QuarantineStatement(SqliteConnection connection) : IDisposable
{
    private readonly PreparedStatement _insert = new(
        connection,
        "INSERT INTO quarantine (at, device_id, site_id, topic, reason, offset, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        7);

    public void Insert(Quarantined quarantined, SqliteTransaction transaction)
    {
        _insert.Set(1, quarantined.At.ToUnixTimeMilliseconds());
        _insert.Set(2, quarantined.DeviceId);
        _insert.Set(3, quarantined.SiteId);
        _insert.Set(4, quarantined.Topic);
        _insert.Set(5, quarantined.Reason);
        _insert.Set(6, quarantined.Offset);
        _insert.Set(7, quarantined.Payload);
        _insert.Execute(transaction);
    }

    public void Dispose() => _insert.Dispose();
}

internal sealed class SignalIndex : ISignalIndex
{
    private readonly SqliteConnection _connection;
    private readonly PreparedStatement _exists;

    public SignalIndex(string file)
    {
        _connection = new SqliteConnection(SqliteFile.ConnectionString(file));
        _connection.Open();
        _exists = new(_connection, "SELECT 1 FROM signals WHERE device_id = ?1 AND signal_id = ?2", 2);
    }

    public bool Contains(string deviceId, string signalId)
    {
        _exists.Set(1, deviceId);
        _exists.Set(2, signalId);
        return _exists.Scalar() is not null;
    }

    public void Dispose()
    {
        _exists.Dispose();
        _connection.Dispose();
    }
}
