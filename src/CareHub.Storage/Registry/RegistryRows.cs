using Microsoft.AspNetCore.Identity;

namespace CareHub.Storage.Registry;

/// <summary>A node of the administrative tree.</summary>
internal sealed class RegionRow
{
    public required string Id { get; set; }
    public string? ParentId { get; set; }
    public required string Name { get; set; }

    /// <summary><c>city</c>, <c>district</c>, <c>street</c>, <c>community</c>.</summary>
    public required string Level { get; set; }
}

/// <summary>A home or a care facility.</summary>
internal sealed class SiteRow
{
    public required string Id { get; set; }
    public required string RegionId { get; set; }

    /// <summary><c>home</c> or <c>facility</c>.</summary>
    public required string Kind { get; set; }
    public required string Name { get; set; }
    public string? Address { get; set; }
    public string? Phone { get; set; }
    public string? AccessNotes { get; set; }
}

/// <summary>Building, floor, room or bed of a site.</summary>
internal sealed class SpaceRow
{
    public required string Id { get; set; }
    public required string SiteId { get; set; }
    public string? ParentId { get; set; }

    /// <summary><c>building</c>, <c>floor</c>, <c>room</c>, <c>bed</c>.</summary>
    public required string Kind { get; set; }
    public required string Name { get; set; }

    /// <summary>The whole place in one line, room first, as an operator reads it.</summary>
    public required string Label { get; set; }
}

/// <summary>A person cared for.</summary>
internal sealed class ResidentRow
{
    public required string Id { get; set; }
    public required string SiteId { get; set; }
    public string? SpaceId { get; set; }
    public required string Name { get; set; }
    public DateOnly? BirthDate { get; set; }

    /// <summary><c>female</c>, <c>male</c>, or null.</summary>
    public string? Sex { get; set; }
    public string? Phone { get; set; }
    public string? CareLevel { get; set; }
    public bool LivesAlone { get; set; }

    /// <summary>Words separated by spaces: <c>lives_alone 80_plus disabled</c>.</summary>
    public string RiskFlags { get; set; } = "";
    public string? MedicalNotes { get; set; }
    public string? Allergies { get; set; }
    public string? Medication { get; set; }
    public string? KeySafe { get; set; }
    public List<ContactRow> Contacts { get; set; } = [];
}

internal sealed class ContactRow
{
    public long Id { get; set; }
    public required string ResidentId { get; set; }
    public int Position { get; set; }
    public required string Name { get; set; }
    public required string Relation { get; set; }
    public required string Phone { get; set; }
}

internal sealed class DeviceRow
{
    public required string Id { get; set; }
    public required string Kind { get; set; }
    public required string SiteId { get; set; }
    public string? Name { get; set; }
    public string? Model { get; set; }
    public string? SpaceId { get; set; }
    public string? ResidentId { get; set; }

    /// <summary>The gateway that speaks for it, if one does.</summary>
    public string? GatewayId { get; set; }

    /// <summary>Keyed hash of the secret; the secret itself is nowhere.</summary>
    public required byte[] SecretHash { get; set; }

    /// <summary>How often it promises to be heard, in seconds. Null: the default of its family.</summary>
    public int? IntervalSeconds { get; set; }
    public bool Disabled { get; set; }

    /// <summary>Why it is disabled, as its administrator put it.</summary>
    public string? DisabledReason { get; set; }

    /// <summary>The secret before the last rotation, while both are valid.</summary>
    public byte[]? PreviousSecretHash { get; set; }

    /// <summary>Until when the previous secret is accepted, in Unix milliseconds.</summary>
    public long? PreviousSecretUntil { get; set; }
}

/// <summary>Somebody who signs in.</summary>
internal sealed class CareUser : IdentityUser
{
    public required string DisplayName { get; set; }
    public required string Role { get; set; }

    /// <summary>Sees this region and what lies below it.</summary>
    public required string RegionId { get; set; }
}

internal static class Roles
{
    public const string Operator = "operator";
    public const string CareStaff = "care_staff";
    public const string Supervisor = "supervisor";
    public const string Administrator = "administrator";

    public static readonly string[] All = [Operator, CareStaff, Supervisor, Administrator];
}
