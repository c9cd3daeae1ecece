using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>
/// <c>telemetry.db</c>: readings, and the spool to InfluxDB. A file of its own, because SQLite has one writer per file
/// and an alarm's commit must never wait for a reading's.
/// </summary>
internal sealed class TelemetryFile : IAsyncDisposable
{
    public const string FileName = "telemetry.db";

    private readonly string _readConnectionString;
    private readonly GroupCommit _commits;

    private TelemetryFile(string path, GroupCommit commits, long lastSequence)
    {
        _readConnectionString = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly }.ToString();
        _commits = commits;
        LastSequenceAtOpen = lastSequence;
    }

    /// <summary>Sequence number of the newest reading spooled before this file was opened.</summary>
    public long LastSequenceAtOpen { get; }

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
        var lastSequence = writer.LastSequence;
        return new TelemetryFile(path, new GroupCommit(writer, Reopen, limits, logger), lastSequence);
    }

    /// <summary>Runs <paramref name="work"/> in the next transaction; completes when that is on disk.</summary>
    public Task<T> WriteAsync<T>(int cost, Func<TelemetryWriter, T> work, CancellationToken cancellationToken) =>
        _commits.WriteAsync(cost, work, cancellationToken);

    /// <summary>Reads on a connection of its own, all of it from one state of the file: the last commit. Readers hold up nobody.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var connection = new SqliteConnection(_readConnectionString);
            connection.Open();
            using var state = connection.BeginTransaction(deferred: true);
            return read(connection);
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using (var pooled = new SqliteConnection(_readConnectionString))
            SqliteConnection.ClearPool(pooled);
        await _commits.DisposeAsync();
    }
}
