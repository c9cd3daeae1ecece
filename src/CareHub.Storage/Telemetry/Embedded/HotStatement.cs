using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>
/// A prepared statement run once per reading. It goes past Microsoft.Data.Sqlite, whose commands box every parameter and
/// look up its name at each run, which was a quarter of the cost of an append.
/// </summary>
internal sealed class HotStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public HotStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Parameters count from 1.</summary>
    public HotStatement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    /// <inheritdoc cref="Bind(int, long)"/>
    public HotStatement Bind(int parameter, double value)
    {
        Check(raw.sqlite3_bind_double(_statement, parameter, value));
        return this;
    }

    public void Run()
    {
        var outcome = raw.sqlite3_step(_statement);
        raw.sqlite3_reset(_statement);
        if (outcome != raw.SQLITE_DONE)
            SqliteException.ThrowExceptionForRC(outcome, _database);
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int outcome) => SqliteException.ThrowExceptionForRC(outcome, _database);
}
