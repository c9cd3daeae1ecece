using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Registry;

/// <summary>
/// When each device was last heard, kept across restarts so that a restart does not give a silent device a fresh term.
/// A file of its own: it is written often, matters little, and must delay nobody.
/// </summary>
internal sealed class PresenceStore : IDisposable
{
    private readonly SqliteConnection _connection;

    public PresenceStore(DataDirectory data)
    {
        _connection = SqliteFile.OpenWriter(Path.Combine(data.Root, "presence.db"));
        SqliteFile.Execute(_connection, "PRAGMA synchronous=NORMAL; CREATE TABLE IF NOT EXISTS presence (device_id TEXT PRIMARY KEY, last_heard INTEGER NOT NULL) WITHOUT ROWID");
    }

    public List<(string DeviceId, long LastHeardMs)> Load()
    {
        var all = new List<(string, long)>();
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT device_id, last_heard FROM presence";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            all.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return all;
    }

    public void Save(IEnumerable<(string DeviceId, long LastHeardMs)> changed)
    {
        using var transaction = _connection.BeginTransaction();
        using var command = _connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO presence (device_id, last_heard) VALUES ($id, $at) ON CONFLICT (device_id) DO UPDATE SET last_heard = excluded.last_heard";
        var id = command.Parameters.Add("$id", SqliteType.Text);
        var at = command.Parameters.Add("$at", SqliteType.Integer);
        foreach (var (deviceId, lastHeardMs) in changed)
        {
            id.Value = deviceId;
            at.Value = lastHeardMs;
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public void Dispose() => _connection.Dispose();
}
