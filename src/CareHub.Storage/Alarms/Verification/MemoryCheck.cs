using System.Text.Json;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms.Verification;

/// <summary>What a restart would load besides alarms: pending conditions, and what sites remember. Silences that stand are those that were begun and not ended.</summary>
internal sealed class MemoryCheck : ICheck
{
    /// <summary>Entries whose subject is a silence and no alarm.</summary>
    public static readonly AlarmEvent[] OfSilences = [AlarmEvent.Shelved, AlarmEvent.Unshelved, AlarmEvent.MaintenanceBegun, AlarmEvent.MaintenanceEnded];

    public IEnumerable<Finding> Run(SqliteConnection connection)
    {
        foreach (var row in connection.Rows("SELECT device_id, kind FROM pending WHERE EXISTS (SELECT 1 FROM alarms WHERE alarms.device_id = pending.device_id AND alarms.kind = pending.kind AND closed_at IS NULL)"))
        {
            yield return new("memory", $"pending {row.GetString(0)}, kind {row.GetInt64(1)}", "waits to be raised, and its alarm is open");
        }

        foreach (var row in connection.Rows($"SELECT device_id, kind, occurred_at, due_at FROM pending WHERE due_at < occurred_at OR kind NOT IN ({SqlWords.ListOf(Enum.GetValues<SignalKind>())})"))
        {
            yield return new("memory", $"pending {row.GetString(0)}, kind {row.GetInt64(1)}", "is due before it occurred, or of a kind that does not exist");
        }

        var standing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in connection.Rows("SELECT site_id, memory FROM site_memory"))
        {
            if (Read(row.GetFieldValue<byte[]>(1), out var wrong) is { } memory)
            {
                standing.UnionWith(memory.Shelves.Keys.Concat(memory.Maintenance.Keys));
            }
            else
            {
                yield return new("memory", $"site_memory of {row.GetString(0)}", $"cannot be read: {wrong}");
            }
        }

        foreach (var row in connection.Rows($"SELECT alarm_id, COUNT(*), MIN(seq), MAX(seq) FROM timeline WHERE event IN ({SqlWords.ListOf(OfSilences)}) GROUP BY alarm_id"))
        {
            var (id, entries) = (row.GetString(0), row.GetInt32(1));
            if (entries > 2 || row.GetInt32(2) != 1 || row.GetInt32(3) != entries)
            {
                yield return new("memory", $"timeline of {id}", "is not the beginning and perhaps the end of one silence");
            }
            else if (standing.Remove(id) != (entries == 1))
            {
                yield return new("memory", $"silence {id}", entries == 1 ? "was begun and not ended, and its site does not remember it" : "was ended, and its site still remembers it");
            }
        }

        foreach (var id in standing)
        {
            yield return new("memory", $"silence {id}", "its site remembers it, and the timeline knows of no beginning");
        }
    }

    private static SiteMemory? Read(byte[] json, out string wrong)
    {
        try
        {
            wrong = "";
            return SiteMemoryJson.Read(json);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidDataException or ArgumentException)
        {
            wrong = unreadable.Message;
            return null;
        }
    }
}
