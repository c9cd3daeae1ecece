using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms.Verification;

/// <summary>One open alarm for a device and a kind, whatever has become of the index that says so; and no alarm of a site is missing.</summary>
internal sealed class OpenCheck : ICheck
{
    public IEnumerable<Finding> Run(SqliteConnection connection)
    {
        foreach (var row in connection.Rows("SELECT device_id, kind, group_concat(id, ', ') FROM alarms NOT INDEXED WHERE closed_at IS NULL GROUP BY device_id, kind HAVING COUNT(*) > 1"))
        {
            yield return new("open", $"alarms {row.GetString(2)}", $"are open together for device {row.GetString(0)} and kind {row.GetInt64(1)}; one may be");
        }

        // Numbers are the site's own and are given without gaps.
        foreach (var row in connection.Rows("SELECT site_id, COUNT(*), MAX(number) FROM alarms GROUP BY site_id HAVING COUNT(*) <> MAX(number)"))
        {
            yield return new("open", $"alarms of site {row.GetString(0)}", $"are {row.GetInt64(1)} with the last number {row.GetInt64(2)}: an alarm is missing");
        }

        foreach (var row in connection.Rows("SELECT id, incident_id FROM alarms AS alarm WHERE NOT EXISTS (SELECT 1 FROM alarms WHERE id = alarm.incident_id)"))
        {
            yield return new("open", $"alarm {row.GetString(0)}", $"belongs to incident {row.GetString(1)}, and there is no such alarm");
        }
    }
}
