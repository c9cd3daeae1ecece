using System.Collections.Frozen;
using CareHub.Core.Triage;
using CareHub.Storage.Registry;

namespace CareHub.Server.Rules;

/// <summary>
/// Overrides that fit nothing in the registry. A name that is mistyped is no error of the file, since whatever it names may come later;
/// and yet somebody relies on it.
/// </summary>
internal static class RuleReach
{
    /// <summary>One line for each override that applies nowhere now.</summary>
    public static IReadOnlyList<string> Warnings(RuleBook rules, RegistrySnapshot registry)
    {
        var kinds = rules.Overrides.Any(each => each.DeviceKind is not null) ? registry.Devices.Kinds() : FrozenSet<string>.Empty;
        return [.. rules.Overrides.Select(each => Missing(each, registry, kinds) is { } missing ? $"override '{each.Name}' applies nowhere: {missing}" : null).OfType<string>()];
    }

    private static string? Missing(RuleOverride each, RegistrySnapshot registry, IReadOnlySet<string> kinds) =>
        each.RegionId is { } region && !registry.Regions.ContainsKey(region) ? $"there is no region '{region}'"
        : each.SiteId is { } site && !IsSite(site, registry) ? $"there is no site '{site}'"
        : each.DeviceId is { } device && !HubSite.IsPart(device) && !RegionSite.IsId(device) && !registry.Devices.ContainsKey(device) ? $"there is no device '{device}'"
        : each.DeviceKind is { } kind && kind is not (HubSite.Kind or RegionSite.Kind) && !kinds.Contains(kind) ? $"no device is of kind '{kind}'"
        : null;

    private static bool IsSite(string id, RegistrySnapshot registry) => id == HubSite.Id || RegionSite.IsId(id) || registry.Sites.ContainsKey(id);
}
