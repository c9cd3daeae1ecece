using CareHub.Core.Alarms;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms;

/// <summary>Looks signals up in the file, on a connection of its own: what is committed, and nothing else.</summary>
internal sealed class SignalIndex : ISignalIndex
{
    private readonly SqliteConnection _connection;
    private readonly SqlStatement _begin;
    private readonly SqlStatement _end;
    private readonly SqlStatement _exists;

    public SignalIndex(string file)
    {
        _connection = new SqliteConnection(SqliteFile.ConnectionString(file));
        _connection.Open();
        SqliteFile.Execute(_connection, SqliteFile.BusyPragma);
        _begin = new(_connection, "BEGIN");
        _end = new(_connection, "COMMIT");
        _exists = new(_connection, "SELECT 1 FROM signals WHERE signal_id = ?2 AND device_id = ?1");
    }

    /// <inheritdoc/>
    /// <remarks>A transaction that only reads: SQLite keeps its pages from one look-up to the next.</remarks>
    public IDisposable? Freeze()
    {
        _begin.Run();
        return new Thaw(_end);
    }

    public bool Contains(string deviceId, string signalId)
    {
        _exists.Bind(1, deviceId);
        _exists.Bind(2, signalId);
        return _exists.RunForAny();
    }

    public void Dispose()
    {
        _begin.Dispose();
        _end.Dispose();
        _exists.Dispose();
        _connection.Dispose();
    }

    private sealed class Thaw(SqlStatement end) : IDisposable
    {
        public void Dispose() => end.Run();
    }
}
