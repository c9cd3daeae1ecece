using CareHub.Storage.Tests.Telemetry.Support;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Tests;

/// <summary>The write-ahead log of a database goes back into its file, and no commit has to do it.</summary>
public sealed class LogKeeperTests : IDisposable
{
    private const int PageBytes = 4_096;

    private readonly TemporaryDirectory _directory = new();
    private readonly SqliteConnection _writer;
    private readonly LogKeeper _keeper;

    public LogKeeperTests()
    {
        _writer = SqliteFile.OpenUnpooledWriter(Database);
        _keeper = new LogKeeper(Database, _writer);
        SqliteFile.Execute(_writer, "CREATE TABLE page (data BLOB)");
    }

    private string Database => Path.Combine(_directory.Path, "kept.db");

    private long LogBytes => new FileInfo(Database + "-wal").Length;

    public void Dispose()
    {
        _keeper.Dispose();
        _writer.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_long_log_is_brought_back_beside_the_commits()
    {
        Write(LogKeeper.PagesMax + 500);
        await Eventually.TrueAsync(() => new FileInfo(Database).Length > LogKeeper.PagesMax * PageBytes, "the file has what the log had");
    }

    [Fact]
    public void Commits_without_a_pause_do_not_make_it_grow_for_ever()
    {
        for (var i = 0; i < 3 * LogKeeper.LogPagesMax / 100; i++)
            Write(100);
        Assert.InRange(LogBytes, 1, LogKeeper.LogPagesMax * 3L / 2 * PageBytes);
    }

    [Fact]
    public async Task Somebody_who_reads_for_long_holds_up_the_log_and_no_commit()
    {
        using (var reader = new SqliteConnection(SqliteFile.ConnectionString(Database)))
        {
            reader.Open();
            using var reading = reader.BeginTransaction(deferred: true);
            using var command = reader.CreateCommand();
            command.CommandText = "SELECT count(*) FROM page";
            command.ExecuteScalar();
            Write(LogKeeper.PagesMax + 500);
            command.ExecuteScalar();
        }

        Write(LogKeeper.PagesMax + 500);
        await Eventually.TrueAsync(() => new FileInfo(Database).Length > 2 * LogKeeper.PagesMax * PageBytes, "all of it is in the file");
        SqliteConnection.ClearAllPools();
    }

    private void Write(int pages)
    {
        using (var transaction = _writer.BeginTransaction(deferred: false))
        {
            SqliteFile.Execute(_writer, $"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {pages}) INSERT INTO page SELECT zeroblob({PageBytes - 200}) FROM n");
            transaction.Commit();
        }

        _keeper.Committed();
    }
}
