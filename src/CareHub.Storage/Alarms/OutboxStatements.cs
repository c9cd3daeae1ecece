using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms;

/// <summary>The ledger's part of the outbox: what must be in the same transaction as changes of alarms.</summary>
internal sealed class OutboxStatements(SqliteConnection connection, AlarmStatements alarms) : IDisposable
{
    private readonly SqlStatement _add = new(
        connection,
        """
        INSERT INTO outbox (key, alarm_id, version, channel, recipient, address, kind, target, created_at, state, attempts, next_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, 0, ?9) ON CONFLICT (key) DO NOTHING
        """);

    /// <summary>Who was told of an alarm, or is about to be. Whom the channel could not reach needs no all-clear.</summary>
    private readonly SqlStatement _told = new(
        connection,
        "SELECT channel, recipient, MAX(address), MIN(target) FROM outbox WHERE alarm_id = ?1 AND state <> 3 GROUP BY channel, recipient ORDER BY MIN(position)");

    private readonly SqlStatement _finish = new(
        connection,
        "UPDATE outbox SET state = ?2, attempts = ?3, answer = ?4, done_at = ?5, last_error = CASE WHEN ?2 = 3 THEN ?4 ELSE last_error END WHERE key = ?1 AND state = 1");

    private readonly SqlStatement _nextVersion = new(connection, "UPDATE alarms SET version = version + 1 WHERE id = ?1 RETURNING version");

    /// <summary>False when there is nobody to tell.</summary>
    public bool Add(Notice notice)
    {
        if (notice.Kind == NoticeKind.AllClear)
        {
            var told = ToldOf(notice.AlarmId);
            told.ForEach(each => Add(notice, each.Recipient, each.Target));
            return told.Count > 0;
        }

        foreach (var recipient in notice.Recipients)
        {
            Add(notice, recipient, notice.Target!.Value);
        }

        return !notice.Recipients.IsEmpty;
    }

    public void Finish(KeptReceipt kept)
    {
        var receipt = kept.Receipt;
        _finish.Bind(1, receipt.Key);
        _finish.Bind(2, (int)receipt.State);
        _finish.Bind(3, receipt.Attempts);
        _finish.Bind(4, receipt.Answer);
        _finish.Bind(5, receipt.At.ToUnixTimeMilliseconds());
        if (_finish.RunForChanges() == 0 || !kept.IsLate)
        {
            return;
        }

        // A closed alarm is no longer in anybody's memory: the database alone knows how long its story is.
        if (NextVersion(receipt.AlarmId) is { } seq)
        {
            alarms.Append(new TimelineEntry(receipt.AlarmId, seq, receipt.At, receipt.Event, Receipt.Author, receipt.Reason, null));
        }
    }

    private void Add(Notice notice, Recipient recipient, EscalationTarget target)
    {
        _add.Bind(1, Notice.KeyOf(notice.AlarmId, notice.Version, recipient.Channel, recipient.Id));
        _add.Bind(2, notice.AlarmId);
        _add.Bind(3, notice.Version);
        _add.Bind(4, (int)recipient.Channel);
        _add.Bind(5, recipient.Id);
        _add.Bind(6, recipient.Address);
        _add.Bind(7, (int)notice.Kind);
        _add.Bind(8, (int)target);
        _add.Bind(9, notice.At.ToUnixTimeMilliseconds());
        _add.Run();
    }

    private List<(Recipient Recipient, EscalationTarget Target)> ToldOf(string alarmId)
    {
        var told = new List<(Recipient, EscalationTarget)>();
        _told.Bind(1, alarmId);
        while (_told.Step())
        {
            told.Add((new Recipient((NotifyChannel)_told.Number(0)!.Value, _told.Text(1), _told.Text(2)), (EscalationTarget)_told.Number(3)!.Value));
        }

        return told;
    }

    private int? NextVersion(string alarmId)
    {
        _nextVersion.Bind(1, alarmId);
        return (int?)_nextVersion.RunForNumber();
    }

    public void Dispose()
    {
        _add.Dispose();
        _told.Dispose();
        _finish.Dispose();
        _nextVersion.Dispose();
    }
}
