using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CareHub.Storage;

/// <summary>How every database file of the hub is opened: one place for what durability depends on.</summary>
internal static class SqliteFile
{
    /// <summary>How long a statement waits for another process (an import, a backup) to let go of the file.</summary>
    private const int BusyTimeoutMs = 5_000;

    /// <summary>What a writer keeps of its file in memory. A page that it has to read again costs as much as the insert.</summary>
    private const int WriterCacheKb = 24 * 1024;

    /// <summary>For statements that go past Microsoft.Data.Sqlite, which does its own waiting.</summary>
    public static readonly string BusyPragma = $"PRAGMA busy_timeout={BusyTimeoutMs};";

    /// <summary>
    /// SQLite's own locks around each call are for connections that threads share: the hub's have one thread at a time. Nor does
    /// anybody read its count of allocated bytes, for which each allocation takes a lock of the process. Both cost a tenth of a commit.
    /// </summary>
    /// <remarks>
    /// Whoever prepares a statement disposes of it: the finalizer's thread would be a second one on its connection. Once SQLite is in use the
    /// setting has no effect, and is then not needed for anything to be right.
    /// </remarks>
    static SqliteFile()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    public static string ConnectionString(string path) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        ForeignKeys = true,
        DefaultTimeout = BusyTimeoutMs / 1000,
    }.ToString();

    /// <summary>
    /// Opens for writing. WAL lets readers go on during a commit; synchronous=FULL makes a commit reach the disk before
    /// it returns, which is what an acknowledgement promises.
    /// </summary>
    public static SqliteConnection OpenWriter(string path)
    {
        return OpenWriter(new SqliteConnectionStringBuilder(ConnectionString(path)));
    }

    private static SqliteConnection OpenWriter(SqliteConnectionStringBuilder connectionString)
    {
        var connection = new SqliteConnection(connectionString.ToString());
        try
        {
            connection.Open();
            Execute(connection, BusyPragma);
            Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;");
            Execute(connection, $"PRAGMA cache_size=-{WriterCacheKb};");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The same outside the pool, which would keep a connection with its failed transaction alive after it is thrown away.</summary>
    public static SqliteConnection OpenUnpooledWriter(string path) => OpenWriter(new SqliteConnectionStringBuilder(ConnectionString(path)) { Pooling = false });

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
