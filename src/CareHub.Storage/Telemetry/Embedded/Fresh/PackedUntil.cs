using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Telemetry.Embedded.Fresh;

/// <summary>How far packing has come. What it has taken may lie among the fresh readings for a while, and does not count there.</summary>
/// <param name="Hour">Hours before this one are packed, or being packed; what comes of them from now on is late.</param>
/// <param name="NextSeries">The series to go on from; <see cref="All"/> when none is left.</param>
internal readonly record struct PackedUntil(long Hour, long NextSeries)
{
    public const long All = long.MaxValue;

    public bool Has(long hour, long series) => hour < Hour && series < NextSeries;

    public static PackedUntil Read(SqliteConnection connection)
    {
        using var read = new SqlStatement(connection, "SELECT hour, next_series FROM packed");
        PackedUntil? packed = null;
        while (read.Step())
            packed = new PackedUntil(read.Number(0)!.Value, read.Number(1)!.Value);
        return packed ?? new PackedUntil(long.MinValue, All);
    }
}
