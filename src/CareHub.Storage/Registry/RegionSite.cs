namespace CareHub.Storage.Registry;

/// <summary>
/// A region as a place that alarms can be about: a reserved site in each region, for what concerns it as a whole. It exists in
/// every snapshot and in no table, as <see cref="HubSite"/>.
/// </summary>
internal static class RegionSite
{
    public const string Kind = "region";

    /// <summary>No registered site or device can have such an id.</summary>
    private const char Mark = '~';

    /// <summary>Id of the site, and of the one "device" that speaks for it.</summary>
    public static string IdOf(string regionId) => Mark + regionId;

    public static bool IsId(string id) => id.StartsWith(Mark);

    public static string RegionOf(string id) => id[1..];
}
