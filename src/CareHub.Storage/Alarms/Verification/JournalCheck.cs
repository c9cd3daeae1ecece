using System.Text.Json;
using CareHub.Storage.Alarms.Journal;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms.Verification;

/// <summary>The journal is whole: no step is missing, and what a step refers to is there.</summary>
internal sealed class JournalCheck : ICheck
{
    public IEnumerable<Finding> Run(SqliteConnection connection)
    {
        var last = 0L;
        foreach (var row in connection.Rows("SELECT step FROM signals WHERE step IS NOT NULL UNION ALL SELECT step FROM acts ORDER BY 1"))
        {
            if (row.GetInt64(0) != last + 1)
            {
                yield return new("journal", $"step {row.GetInt64(0)}", row.GetInt64(0) == last ? "is given twice" : $"follows step {last}: steps between them are missing");
            }

            last = row.GetInt64(0);
        }

        const string Dangling = """
            SELECT step FROM signals WHERE step IS NOT NULL
              AND (NOT EXISTS (SELECT 1 FROM rule_books WHERE id = rules_id) OR NOT EXISTS (SELECT 1 FROM device_facts WHERE id = facts_id AND device_facts.device_id = signals.device_id))
            UNION ALL SELECT step FROM acts WHERE NOT EXISTS (SELECT 1 FROM rule_books WHERE id = rules_id)
            """;
        foreach (var row in connection.Rows(Dangling))
        {
            yield return new("journal", $"step {row.GetInt64(0)}", "refers to rules or device facts that are not on record");
        }

        foreach (var row in connection.Rows("SELECT step, command FROM acts WHERE command IS NOT NULL ORDER BY step"))
        {
            if (WrongWith(row.GetFieldValue<byte[]>(1), json => CommandJson.Read(json)) is { } wrong)
            {
                yield return new("journal", $"act of step {row.GetInt64(0)}", $"cannot be read: {wrong}");
            }
        }

        foreach (var row in connection.Rows("SELECT site_id, state FROM origins"))
        {
            if (WrongWith(row.GetFieldValue<byte[]>(1), json => SiteStateJson.Read(json)) is { } wrong)
            {
                yield return new("journal", $"origin of {row.GetString(0)}", $"cannot be read: {wrong}");
            }
        }
    }

    private static string? WrongWith(byte[] json, Action<byte[]> read)
    {
        try
        {
            read(json);
            return null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidDataException or ArgumentException)
        {
            return unreadable.Message;
        }
    }
}
