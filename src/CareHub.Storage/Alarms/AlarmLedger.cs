using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Triage;
using CareHub.Storage.Alarms.Journal;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Alarms;

/// <summary>The alarm database's one writer: prepared statements, one transaction per group of batches.</summary>
internal sealed class AlarmLedger : IAlarmLedger
{
    private readonly string _file;
    private readonly SqliteConnection _connection;
    private readonly SignalStatements _signals;
    private readonly JournalWriter _journal;
    private readonly AlarmStatements _alarms;
    private readonly TimelineStatement _timeline;
    private readonly PendingStatements _pending;
    private readonly MemoryStatement _memory;
    private readonly QuarantineStatement _quarantine;
    private readonly OutboxStatements _outbox;
    private readonly LogKeeper _log;

    private AlarmLedger(string file)
    {
        _file = file;
        _connection = SqliteFile.OpenWriter(file);
        _signals = new SignalStatements(_connection);
        _journal = new JournalWriter(_connection);
        _timeline = new TimelineStatement(_connection);
        _alarms = new AlarmStatements(_connection, _timeline);
        _pending = new PendingStatements(_connection);
        _memory = new MemoryStatement(_connection);
        _quarantine = new QuarantineStatement(_connection);
        _outbox = new OutboxStatements(_connection, _alarms);
        _log = new LogKeeper(file, _connection);
    }

    /// <summary>Opens the database, bringing its schema up to date first.</summary>
    public static AlarmLedger Open(DataDirectory data)
    {
        using (var context = CreateContext(data.AlarmsFile))
        {
            SchemaUpdate.Apply(context, data.AlarmsFile);
        }

        var ledger = new AlarmLedger(data.AlarmsFile);
        ledger._journal.Begin(ledger.LoadSites);
        return ledger;
    }

    /// <summary>The latest time on record; null when there is none, or when it cannot be read (opening it will say why).</summary>
    public static DateTimeOffset? LastRecordAt(DataDirectory data)
    {
        try
        {
            using var context = CreateContext(data.AlarmsFile);
            var timeline = context.Timeline.OrderByDescending(row => row.Position).Select(row => (long?)row.At).FirstOrDefault();
            var signal = context.Signals.OrderByDescending(row => row.Position).Select(row => (long?)row.ReceivedAt).FirstOrDefault();
            return UnixMs.ToTime(timeline > signal || signal is null ? timeline : signal);
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    public static AlarmsContext CreateContext(string file) =>
        new(new DbContextOptionsBuilder<AlarmsContext>().UseSqlite(SqliteFile.ConnectionString(file)).Options);

    /// <summary>On a connection of the caller's, within its transaction.</summary>
    public static AlarmsContext CreateContext(SqliteConnection connection) =>
        new(new DbContextOptionsBuilder<AlarmsContext>().UseSqlite(connection).Options);

    public void Commit(IReadOnlyList<CommitBatch> batches)
    {
        // BEGIN IMMEDIATE takes the write lock now, not in the middle of the work.
        using var transaction = _connection.BeginTransaction(deferred: false);
        var head = _timeline.Head;
        try
        {
            foreach (var batch in batches)
            {
                Write(batch);
            }

            transaction.Commit();
            _journal.Advance();
        }
        catch
        {
            // The transaction rolls back as it is disposed of; the chain in memory and the journal's numbers must go back with it.
            _timeline.Head = head;
            _alarms.RollBack();
            _journal.RollBack();
            throw;
        }

        _log.Committed();
    }

    private void Write(CommitBatch batch)
    {
        foreach (var record in batch.Signals)
        {
            _signals.Insert(record, _journal.KeyOf(record));
        }

        foreach (var act in batch.Acts)
        {
            _journal.Append(act);
        }

        _journal.Count(batch.Steps);

        foreach (var redelivery in batch.Redeliveries)
        {
            _signals.CountRedelivery(redelivery);
        }

        _alarms.Write(batch.Changes);
        foreach (var note in batch.Notes)
        {
            _alarms.Append(note);
        }

        foreach (var (siteId, memory) in batch.Memories)
        {
            _memory.Save(siteId, memory);
        }

        foreach (var (key, pending) in batch.Pending)
        {
            if (pending is null)
            {
                _pending.Remove(key);
            }
            else
            {
                _pending.Add(pending);
            }
        }

        foreach (var quarantined in batch.Quarantine)
        {
            _quarantine.Insert(quarantined);
        }

        // Receipts first: they are about earlier transactions, and decide who needs an all-clear.
        batch.Receipts.ForEach(receipt => _outbox.Finish(receipt));
        foreach (var notice in batch.Notices)
        {
            batch.IsOutboxFed |= _outbox.Add(notice);
        }
    }

    public IReadOnlyDictionary<string, SiteState> LoadSites()
    {
        using var context = CreateContext(_file);
        return LoadSites(context);
    }

    public static IReadOnlyDictionary<string, SiteState> LoadSites(SqliteConnection connection)
    {
        using var context = CreateContext(connection);
        return LoadSites(context);
    }

    private static Dictionary<string, SiteState> LoadSites(AlarmsContext context)
    {
        context.Database.OpenConnection();
        var connection = (SqliteConnection)context.Database.GetDbConnection();
        var sites = new Dictionary<string, SiteState>(StringComparer.Ordinal);
        using (var numbers = new SqlStatement(connection, "SELECT site_id, MAX(number) FROM alarms GROUP BY site_id"))
        {
            while (numbers.Step())
            {
                sites[numbers.Text(0)] = new SiteState { SiteId = numbers.Text(0), LastNumber = numbers.Number(1)!.Value };
            }
        }

        foreach (var alarms in OpenAlarms.Read(connection).GroupBy(alarm => alarm.SiteId, StringComparer.Ordinal))
        {
            sites[alarms.Key] = sites[alarms.Key] with { Open = alarms.ToImmutableDictionary(alarm => alarm.Key) };
        }

        foreach (var rows in context.Pending.AsNoTracking().AsEnumerable().GroupBy(row => row.SiteId))
        {
            sites[rows.Key] = SiteOf(rows.Key) with { Pending = rows.Select(row => row.ToPending()).ToImmutableDictionary(pending => pending.Key) };
        }

        using (var memories = new SqlStatement(connection, "SELECT site_id, memory FROM site_memory"))
        {
            while (memories.Step())
            {
                var siteId = memories.Text(0);
                sites[siteId] = SiteOf(siteId) with { Memory = SiteMemoryJson.Read(memories.Bytes(1)) };
            }
        }

        return sites;

        SiteState SiteOf(string siteId) => sites.GetValueOrDefault(siteId) ?? new SiteState { SiteId = siteId };
    }

    public ISignalIndex OpenIndex() => new SignalIndex(_file);

    public void Dispose()
    {
        _log.Dispose();
        _signals.Dispose();
        _journal.Dispose();
        _alarms.Dispose();
        _timeline.Dispose();
        _pending.Dispose();
        _memory.Dispose();
        _quarantine.Dispose();
        _outbox.Dispose();
        _connection.Dispose();
    }
}
