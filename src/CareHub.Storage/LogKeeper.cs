using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CareHub.Storage;

/// <summary>
/// Brings a database's write-ahead log back into its file from a thread of its own. SQLite by itself does it in the commit
/// that finds the log long enough, and whoever waits for that commit waits for thousands of pages to reach the disk.
/// </summary>
/// <remarks>
/// SQLite starts the log over when a commit finds all of it brought back and nobody reading it. While commits follow each other
/// without a pause that does not come by itself: past a bound one commit does the rest, which is little by then.
/// </remarks>
internal sealed class LogKeeper : IDisposable
{
    /// <summary>
    /// Pages written to the log after which it is brought back while little is written: 400 KB. Whoever commits meanwhile waits for the
    /// disk behind these pages, so they are few.
    /// </summary>
    private const int PagesMin = 100;

    /// <summary>Little is written. With more, a page changes again and again before it is brought back, and that is the saving.</summary>
    private const int CalmPagesPerSecond = 10_000;

    /// <summary>Pages written to the log after which it is brought back in any case: 32 MB.</summary>
    public const int PagesMax = 8_000;

    /// <summary>Pages in the log past which the writer does what is left: 160 MB.</summary>
    public const int LogPagesMax = 40_000;

    /// <summary>A commit may come in between; then there is a rest, which is little.</summary>
    private const int Attempts = 4;

    private readonly SqliteConnection _writer;
    private readonly SqliteConnection _connection;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private int _writtenBefore;
    private long _wokenAt;
    private volatile int _logPages;
    private volatile bool _stopping;

    /// <param name="path">The database file.</param>
    /// <param name="writer">Its only writer; from now on its commits leave the log alone.</param>
    public LogKeeper(string path, SqliteConnection writer)
    {
        _writer = writer;

        // The last resort, should this thread find the disk failing.
        SqliteFile.Execute(writer, $"PRAGMA wal_autocheckpoint={LogPagesMax * 4};");
        _connection = SqliteFile.OpenUnpooledWriter(path);
        _thread = new Thread(Run) { IsBackground = true, Name = "log keeper" };
        _thread.Start();
    }

    /// <summary>Called on the writer's thread after each commit.</summary>
    public void Committed()
    {
        if (_logPages > LogPagesMax)
        {
            _logPages = BringBack(_writer).Log;
        }

        // Nothing but a counter of this connection: how many pages it has written.
        if (raw.sqlite3_db_status(_writer.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var written, out _, 0) != raw.SQLITE_OK)
        {
            return;
        }

        var pages = unchecked(written - _writtenBefore);
        if (pages >= PagesMax || (pages >= PagesMin && pages < Stopwatch.GetElapsedTime(_wokenAt).TotalSeconds * CalmPagesPerSecond))
        {
            (_writtenBefore, _wokenAt) = (written, Stopwatch.GetTimestamp());
            _wake.Set();
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        _thread.Join();
        _connection.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _wake.WaitOne();
            if (_stopping)
            {
                return;
            }

            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var (log, done) = BringBack(_connection);
                _logPages = log;
                if (done >= log)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Brings back what it can without holding up anybody.</summary>
    private static (int Log, int Done) BringBack(SqliteConnection connection)
    {
        try
        {
            using var checkpoint = connection.CreateCommand();
            checkpoint.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
            using var row = checkpoint.ExecuteReader();
            return row.Read() ? (row.GetInt32(1), row.GetInt32(2)) : default;
        }
        catch (SqliteException)
        {
            // What is in the log is durable there; a disk that fails shows in the commits.
            return default;
        }
    }
}
