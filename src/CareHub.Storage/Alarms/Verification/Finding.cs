using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms.Verification;

/// <summary>Something on record that cannot be true.</summary>
/// <param name="Check">The check that found it.</param>
/// <param name="Where">Table and row.</param>
/// <param name="What">What it says and what it should say.</param>
internal sealed record Finding(string Check, string Where, string What)
{
    public override string ToString() => $"{Check}: {Where}: {What}";
}

/// <summary>One thing that must be true of the alarm database. Reads and never writes.</summary>
internal interface ICheck
{
    IEnumerable<Finding> Run(SqliteConnection connection);
}
