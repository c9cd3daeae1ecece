using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Simulation.Tests.Audit;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using Microsoft.Data.Sqlite;

namespace CareHub.Simulation.Tests.Stores;

/// <summary>The real ledger in a folder of its own, read by plain SQL over a connection of its own.</summary>
internal sealed class SqliteDisk : IDisk
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("carehub-simulation-");
    private readonly DataDirectory _data;
    private SqliteConnection? _reader;

    public SqliteDisk() => _data = DataDirectory.Open(_folder.FullName);

    public IAlarmLedger Open()
    {
        var ledger = AlarmLedger.Open(_data);
        if (_reader is null)
        {
            _reader = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _data.AlarmsFile, Pooling = false }.ToString());
            _reader.Open();
        }

        return ledger;
    }

    public IReadOnlyList<StoredSignal> SignalsAfter(long position) => Read(
        "SELECT position, device_id, signal_id, kind, received_at, outcome, alarm_id FROM signals WHERE position > $from ORDER BY position",
        position,
        row => new StoredSignal(row.GetInt64(0), row.GetString(1), row.GetString(2), (SignalKind)row.GetInt32(3), Time(row, 4), Words<SignalOutcome>.Of((SignalOutcome)row.GetInt32(5)), Text(row, 6)));

    public IReadOnlyList<StoredEntry> TimelineAfter(long position) => Read(
        "SELECT position, alarm_id, seq, at, event, author_kind, author_id, author_name, reason, note, hash FROM timeline WHERE position > $from ORDER BY position",
        position,
        row => new StoredEntry(
            row.GetInt64(0), row.GetString(1), row.GetInt32(2), Time(row, 3), (AlarmEvent)row.GetInt32(4), (AuthorKind)row.GetInt32(5), row.GetString(6), row.GetString(7), row.GetString(8), Text(row, 9), (byte[])row[10]));

    public StoredAlarm? Alarm(string id) => Alarms("id = $from", id).SingleOrDefault();

    public IReadOnlyList<StoredAlarm> OpenAlarms() => Alarms("closed_at IS NULL", 0);

    private List<StoredAlarm> Alarms(string where, object parameter) => Read(
        $"SELECT id, site_id, device_id, kind, priority, active, acknowledged, closed_at, version, count, suppressed_by, suppression_cause FROM alarms WHERE {where}",
        parameter,
        row => new StoredAlarm(
            row.GetString(0), row.GetString(1), row.GetString(2), (SignalKind)row.GetInt32(3), (Priority)row.GetInt32(4), row.GetBoolean(5), row.GetBoolean(6), row.IsDBNull(7), row.GetInt32(8), row.GetInt32(9),
            row.IsDBNull(10) ? null : (SuppressionKind)row.GetInt32(10), Text(row, 11)));

    private List<T> Read<T>(string sql, object parameter, Func<SqliteDataReader, T> map)
    {
        using var command = _reader!.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$from", parameter);
        using var row = command.ExecuteReader();
        var rows = new List<T>();
        while (row.Read())
        {
            rows.Add(map(row));
        }

        return rows;
    }

    private static DateTimeOffset Time(SqliteDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public void Dispose()
    {
        _reader?.Dispose();
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }
}
