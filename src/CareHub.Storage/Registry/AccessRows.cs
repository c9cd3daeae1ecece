using CareHub.Core.Alarms;

namespace CareHub.Storage.Registry;

/// <summary>A program that may use MQTT by explicit grants.</summary>
internal sealed class ServiceRow
{
    public required string Name { get; set; }
    public required byte[] SecretHash { get; set; }

    /// <summary>Topic filters, one a line.</summary>
    public required string PublishFilters { get; set; }

    /// <summary>Topic filters, one a line.</summary>
    public required string SubscribeFilters { get; set; }
}

/// <summary>A code that an installer trades for a device's secret, once.</summary>
internal sealed class ClaimCodeRow
{
    /// <summary>Keyed hash of the code; the code itself is on paper only.</summary>
    public required byte[] Hash { get; set; }
    public required string DeviceId { get; set; }
    public long CreatedAt { get; set; }
    public long ExpiresAt { get; set; }
    public long? UsedAt { get; set; }
}

/// <summary>One change of the registry: who, when, why. Rows are only ever added, and chained by hash.</summary>
internal sealed class RegistryTimelineRow
{
    public long Seq { get; set; }
    public long At { get; set; }
    public RegistryEvent Event { get; set; }

    /// <summary>Device id, or the name of a service.</summary>
    public required string Subject { get; set; }
    public AuthorKind AuthorKind { get; set; }
    public required string AuthorId { get; set; }
    public required string AuthorName { get; set; }
    public string? Reason { get; set; }
    public required byte[] Hash { get; set; }
}

/// <summary>What was changed. The numbers are stored; never renumber.</summary>
internal enum RegistryEvent : byte
{
    DeviceCreated = 1,
    DeviceImported = 2,
    SecretRotated = 3,
    DeviceDisabled = 4,
    DeviceEnabled = 5,
    ClaimCodeCreated = 6,
    DeviceClaimed = 7,
    ServiceAdded = 8,
    ServiceRemoved = 9,
}
