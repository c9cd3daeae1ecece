using System.Collections.Immutable;

namespace CareHub.Core.Devices;

/// <summary>What triage must know of a device.</summary>
/// <param name="Id">Device id.</param>
/// <param name="Kind">Device kind, see <see cref="DeviceKinds"/>.</param>
/// <param name="SiteId">Where it is.</param>
/// <param name="ResidentId">Whose it is; null in common spaces.</param>
internal sealed record DeviceFacts(string Id, string Kind, string SiteId, string? ResidentId)
{
    /// <summary>The gateway that it speaks through; null when it speaks for itself.</summary>
    public string? GatewayId { get; init; }

    /// <summary>Regions of its site, from the root down.</summary>
    public ImmutableArray<string> RegionPath { get; init; } = [];

    /// <summary>A life depends on hearing from it.</summary>
    public bool IsSafety => DeviceKinds.IsSafety(Kind);
}
