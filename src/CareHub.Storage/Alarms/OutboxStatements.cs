using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms;

/// <summary>The ledger's part of the outbox: what must be in the same transaction as changes of alarms.</summary>
internal sealed class OutboxStatements(SqliteConnection connection, TimelineStatement timeline) : IDisposable
{
    private readonly PreparedStatement _add = new(
        connection,
        """
        INSERT INTO outbox (key, alarm_id, version, channel, recipient, address, kind, target, created_at, state, attempts, next_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, 0, ?9) ON CONFLICT (key) DO NOTHING
        """,
        9);

    /// <summary>Who was told of an alarm, or is about to be. Whom the channel could not reach needs no all-clear.</summary>
    private readonly PreparedStatement _told = new(
        connection,
        "SELECT channel, recipient, MAX(address), MIN(target) FROM outbox WHERE alarm_id = ?1 AND state <> 3 GROUP BY channel, recipient ORDER BY MIN(position)",
        1);

    private readonly PreparedStatement _finish = new(
        connection,
        "UPDATE outbox SET state = ?2, attempts = ?3, answer = ?4, done_at = ?5, last_error = CASE WHEN ?2 = 3 THEN ?4 ELSE last_error END WHERE key = ?1 AND state = 1",
        5);

    private readonly PreparedStatement _nextVersion = new(connection, "UPDATE alarms SET version = version + 1 WHERE id = ?1 RETURNING version", 1);

    public void Add(Notice notice, SqliteTransaction transaction)
    {
        if (notice.Kind == NoticeKind.AllClear)
        {
            foreach (var (recipient, target) in ToldOf(notice.AlarmId, transaction))
            {
                Add(notice, recipient, target, transaction);
            }

            return;
        }

        foreach (var recipient in notice.Recipients)
        {
            Add(notice, recipient, notice.Target!.Value, transaction);
        }
    }

    public void Finish(KeptReceipt kept, SqliteTransaction transaction)
    {
        var receipt = kept.Receipt;
        _finish.Set(1, receipt.Key);
        _finish.Set(2, (int)receipt.State);
        _finish.Set(3, receipt.Attempts);
        _finish.Set(4, receipt.Answer);
        _finish.Set(5, receipt.At.ToUnixTimeMilliseconds());
        if (_finish.Execute(transaction) == 0 || !kept.IsLate)
        {
            return;
        }

        // A closed alarm is no longer in anybody's memory: the database alone knows how long its story is.
        if (NextVersion(receipt.AlarmId, transaction) is { } seq)
        {
            timeline.Append(new TimelineEntry(receipt.AlarmId, seq, receipt.At, receipt.Event, Receipt.Author, receipt.Reason, null), transaction);
        }
    }

    private void Add(Notice notice, Recipient recipient, EscalationTarget target, SqliteTransaction transaction)
    {
        _add.Set(1, Notice.KeyOf(notice.AlarmId, notice.Version, recipient.Channel, recipient.Id));
        _add.Set(2, notice.AlarmId);
        _add.Set(3, notice.Version);
        _add.Set(4, (int)recipient.Channel);
        _add.Set(5, recipient.Id);
        _add.Set(6, recipient.Address);
        _add.Set(7, (int)notice.Kind);
        _add.Set(8, (int)target);
        _add.Set(9, notice.At.ToUnixTimeMilliseconds());
        _add.Execute(transaction);
    }

    private List<(Recipient Recipient, EscalationTarget Target)> ToldOf(string alarmId, SqliteTransaction transaction)
    {
        var told = new List<(Recipient, EscalationTarget)>();
        _told.Set(1, alarmId);
        using var rows = _told.Read(transaction);
        while (rows.Read())
        {
            told.Add((new Recipient((NotifyChannel)rows.GetInt32(0), rows.GetString(1), rows.GetString(2)), (EscalationTarget)rows.GetInt32(3)));
        }

        return told;
    }

    private int? NextVersion(string alarmId, SqliteTransaction transaction)
    {
        _nextVersion.Set(1, alarmId);
        using var rows = _nextVersion.Read(transaction);
        return rows.Read() ? rows.GetInt32(0) : null;
    }

    public void Dispose()
    {
        _add.Dispose();
        _told.Dispose();
        _finish.Dispose();
        _nextVersion.Dispose();
    }
}
