using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Alarms.Verification;

/// <summary>What a verification read, and what it found.</summary>
internal sealed record VerificationReport(long Signals, long Alarms, long Timeline, long Steps, IReadOnlyList<Finding> Findings);

/// <summary>Whether the alarm database is true in itself: every check on the same moment of it.</summary>
internal static class AlarmVerifier
{
    /// <summary>Findings kept of one check: a chain broken everywhere is one trouble, not a million lines.</summary>
    public const int FindingsPerCheckMax = 100;

    private static readonly ICheck[] Checks =
    [
        new FileCheck(), new ChainCheck(), new AlarmCheck(), new OpenCheck(), new SignalCheck(), new MemoryCheck(), new JournalCheck(),
    ];

    /// <exception cref="SqliteException">The file cannot be read as a database at all.</exception>
    public static VerificationReport Run(string file)
    {
        if (SchemaFinding(file) is { } schema)
        {
            return new(0, 0, 0, 0, [schema]);
        }

        using var connection = ReadOnlyFile.Open(file);
        var findings = new List<Finding>();
        foreach (var check in Checks)
        {
            try
            {
                findings.AddRange(check.Run(connection).Take(FindingsPerCheckMax));
            }
            catch (Exception unreadable) when (unreadable is SqliteException or InvalidCastException or InvalidOperationException or ArgumentException or FormatException or OverflowException)
            {
                // A value that is not even of its type: said, and the other checks go on.
                findings.Add(new(check.GetType().Name, "alarms.db", $"cannot be read: {unreadable.Message}"));
            }
        }

        // All of a reader's rows are one object, which is closed after the last: what is wanted of a row is taken while it is there.
        long Count(string what, string table) => connection.Rows($"SELECT COUNT({what}) FROM {table}").Select(row => row.GetInt64(0)).Single();
        return new(Count("*", "signals"), Count("*", "alarms"), Count("*", "timeline"), Count("step", "acts") + Count("step", "signals"), findings);
    }

    private static Finding? SchemaFinding(string file)
    {
        using var context = new AlarmsContext(new DbContextOptionsBuilder<AlarmsContext>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString()).Options);
        var (known, applied) = (context.Database.GetMigrations().ToList(), context.Database.GetAppliedMigrations().ToList());
        return known.SequenceEqual(applied, StringComparer.Ordinal)
            ? null
            : new("schema", "alarms.db", $"is of version {applied.LastOrDefault() ?? "none"} and this program of {known[^1]}; start the hub on it once, or use the program that wrote it");
    }
}
