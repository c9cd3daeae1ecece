using CareHub.Core.Alarms;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Alarms.Journal;

/// <summary>Single alarms and timeline entries as they are on record, on a connection that others read from too.</summary>
internal sealed class RecordedAlarms : IDisposable
{
    private readonly AlarmsContext _context;
    private readonly SqliteCommand _entry;

    public RecordedAlarms(SqliteConnection connection)
    {
        _context = AlarmLedger.CreateContext(connection);
        _entry = connection.CreateCommand();
        // A walk from the newest for each entry would take the square of a long story; whoever reads all of it sorts it once.
        SqliteFile.Execute(
            connection,
            """
            CREATE TEMP TABLE place (alarm_id TEXT NOT NULL, seq INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (alarm_id, seq)) WITHOUT ROWID;
            INSERT OR IGNORE INTO place SELECT alarm_id, seq, position FROM timeline ORDER BY alarm_id, seq;
            """);
        _entry.CommandText = "SELECT at, event, author_kind, author_id, author_name, reason, note FROM place JOIN timeline USING (position) WHERE place.alarm_id = $id AND place.seq = $seq";
        _entry.Parameters.Add("$id", SqliteType.Text);
        _entry.Parameters.Add("$seq", SqliteType.Integer);
    }

    public TimelineEntry? Entry(string alarmId, int seq)
    {
        _entry.Parameters[0].Value = alarmId;
        _entry.Parameters[1].Value = seq;
        using var row = _entry.ExecuteReader();
        return !row.Read() ? null : new TimelineEntry(
            alarmId, seq, UnixMs.ToTime(row.GetInt64(0)), (AlarmEvent)row.GetByte(1),
            new Author((AuthorKind)row.GetByte(2), row.GetString(3), row.GetString(4)), row.GetString(5), row.Text(6));
    }

    public Alarm? Alarm(string id) => _context.Alarms.AsNoTracking().FirstOrDefault(alarm => alarm.Id == id)?.ToAlarm();

    public void Dispose()
    {
        _entry.Dispose();
        _context.Dispose();
    }
}
