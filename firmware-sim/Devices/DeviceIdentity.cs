namespace CareHub.Simulator.Devices;

/// <summary>A device as the hub's registry knows it. The id is also user name and client id; the secret is the password.</summary>
/// <param name="Id">For example <c>btn-0012</c>.</param>
/// <param name="Kind">For example <c>emergency_button</c>.</param>
/// <param name="SiteId">The home or facility it stands in.</param>
/// <param name="Secret">Null where the broker asks for none.</param>
internal sealed record DeviceIdentity(string Id, string Kind, string SiteId, string? Secret);
