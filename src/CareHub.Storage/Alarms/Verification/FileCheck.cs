using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms.Verification;

/// <summary>What SQLite itself says: pages, indexes, constraints.</summary>
internal sealed class FileCheck : ICheck
{
    public IEnumerable<Finding> Run(SqliteConnection connection)
    {
        foreach (var row in connection.Rows("PRAGMA integrity_check"))
        {
            if (row.GetString(0) is not "ok" and var trouble)
            {
                yield return new("file", "alarms.db", trouble);
            }
        }

        foreach (var row in connection.Rows("PRAGMA foreign_key_check"))
        {
            yield return new("file", $"{row.GetString(0)} row {row.Number(1)}", $"refers to a row of {row.GetString(2)} that does not exist");
        }
    }
}
