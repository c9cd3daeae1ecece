namespace CareHub.Storage.Alarms;

/// <summary>Columns of the table of alarms, in the order in which statements bind and read them.</summary>
internal static class AlarmColumns
{
    /// <summary>What an alarm is from its first row to its last.</summary>
    public static readonly string[] Fixed =
        ["id", "site_id", "number", "device_id", "device_kind", "gateway_id", "resident_id", "kind", "raised_at", "occurred_at"];

    /// <summary>What changes while it is open.</summary>
    public static readonly string[] Moving =
    [
        "priority", "active", "acknowledged", "last_signal_at", "annunciated_at", "activated_at", "seen", "policy", "tier", "escalated_at",
        "escalated_to", "stage", "progress_at", "reminded", "assigned_to", "assigned_name", "assigned_at", "incident_id", "incident",
        "suppressed_by", "suppression_cause", "suppressed_until", "restores_priority", "chattering", "verify_until", "count", "zone",
        "acknowledged_by", "acknowledged_name", "acknowledged_at", "claimed_by", "claimed_name", "claimed_at", "seen_by", "seen_name", "seen_at",
        "version", "annunciated_version", "decisive_version",
    ];

    /// <summary>Where its timeline is found. Of the row and not of the alarm.</summary>
    public const string Link = "last_entry";

    /// <summary>What closing it sets. The partial index over open alarms hangs on the first of them.</summary>
    public static readonly string[] Closing = ["closed_at", "disposition", "closed_by_kind", "closed_by", "closed_name"];
}
