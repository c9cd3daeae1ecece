using CareHub.Storage.Telemetry.Spool;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>
/// <c>telemetry.db</c>: readings, to be read. A file of its own, because SQLite has one writer per file and an alarm's
/// commit must never wait for a reading's. It is filled from the spool.
/// </summary>
internal sealed class TelemetryFile : IAsyncDisposable
{
    public const string FileName = "telemetry.db";

    private readonly string _readConnectionString;
    private readonly GroupCommit _commits;

    private TelemetryFile(string path, GroupCommit commits, SpoolPosition applied)
    {
        _readConnectionString = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly }.ToString();
        _commits = commits;
        AppliedAtOpen = applied;
    }

    /// <summary>How far the spool had been applied when this file was opened.</summary>
    public SpoolPosition AppliedAtOpen { get; }

    /// <summary>Awaited before each read, so that it sees what was acknowledged before it.</summary>
    public Func<CancellationToken, Task>? BeforeRead { get; set; }

    public static TelemetryFile Open(string directory, TelemetryLimits limits, ILoggerFactory loggerFactory)
    {
        Directory.CreateDirectory(directory);
        var logger = loggerFactory.CreateLogger<TelemetryFile>();
        var path = Path.Combine(directory, FileName);
        // Pooling would keep the connection, and with it a failed transaction, alive after it is thrown away.
        var connectionString = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false, DefaultTimeout = 5 }.ToString();
        TelemetryWriter Reopen() => new(connectionString, limits);

        var writer = Reopen();
        if (writer.SchemaVersionFound != TelemetrySchema.Version)
            TelemetryLog.SchemaUpgraded(logger, writer.SchemaVersionFound, TelemetrySchema.Version);
        var applied = writer.AppliedAtOpen;
        return new TelemetryFile(path, new GroupCommit(writer, Reopen, limits, logger), applied);
    }

    /// <summary>Runs <paramref name="work"/> in the next transaction; completes when that is on disk.</summary>
    public Task<T> WriteAsync<T>(int cost, Func<TelemetryWriter, T> work, CancellationToken cancellationToken) =>
        _commits.WriteAsync(cost, work, cancellationToken);

    /// <summary>Reads on a connection of its own, all of it from one state of the file: the last commit. Readers hold up nobody.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        await (BeforeRead?.Invoke(cancellationToken) ?? Task.CompletedTask);
        return await Task.Run(
            () =>
            {
                using var connection = new SqliteConnection(_readConnectionString);
                connection.Open();
                using var state = connection.BeginTransaction(deferred: true);
                return read(connection);
            },
            cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        using (var pooled = new SqliteConnection(_readConnectionString))
            SqliteConnection.ClearPool(pooled);
        await _commits.DisposeAsync();
    }
}
