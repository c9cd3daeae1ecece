using System.Collections.Immutable;
using CareHub.Core.Devices;

namespace CareHub.Storage.Registry;

/// <summary>
/// The registry as the hub works with it: everything that a message or a row on a console needs, in memory, immutable.
/// A change in the database makes a new snapshot.
/// </summary>
internal sealed class RegistrySnapshot
{
    public required IReadOnlyDictionary<string, RegionEntry> Regions { get; init; }

    public required IReadOnlyDictionary<string, SiteEntry> Sites { get; init; }

    public required IReadOnlyDictionary<string, ResidentEntry> Residents { get; init; }

    public required DeviceTable Devices { get; init; }

    public required IReadOnlyDictionary<string, ServiceEntry> Services { get; init; }

    /// <summary>The devices of a person, in the order of their ids; none when the registry does not know the person.</summary>
    public IReadOnlyList<DeviceEntry> DevicesOf(string residentId) => Residents.TryGetValue(residentId, out var resident) ? Devices.Of(resident) : [];
}

/// <summary>A program that speaks MQTT with the hub by explicit grants: a bridge, a city platform.</summary>
internal sealed record ServiceEntry(string Name, byte[] SecretHash, IReadOnlyList<string> PublishFilters, IReadOnlyList<string> SubscribeFilters);

/// <param name="Path">From the root region down to this one.</param>
internal sealed record RegionEntry(string Id, string Name, string Level, ImmutableArray<string> Path);

internal sealed record SiteEntry(string Id, string Kind, string Name, string? Address, RegionEntry Region);

/// <param name="Contacts">Emergency contacts, in the order in which they are to be called.</param>
internal sealed record ResidentEntry(string Id, string Name, DateOnly? BirthDate, string? Sex, ImmutableArray<ContactEntry> Contacts);

internal sealed record ContactEntry(long Id, string Phone);

internal sealed record DeviceEntry(DeviceFacts Facts, SiteEntry Site, ResidentEntry? Resident)
{
    public required string? Name { get; init; }

    public required string? Model { get; init; }

    /// <summary>Room first, as an operator reads it.</summary>
    public required string? Place { get; init; }

    public required string? GatewayId { get; init; }

    public required byte[] SecretHash { get; init; }

    /// <summary>Silence longer than this is an alarm.</summary>
    public required TimeSpan SupervisionLimit { get; init; }

    public required bool Disabled { get; init; }

    public string? DisabledReason { get; init; }

    /// <summary>The secret before the last rotation; accepted until <see cref="PreviousSecretUntil"/>.</summary>
    public byte[]? PreviousSecretHash { get; init; }

    public DateTimeOffset? PreviousSecretUntil { get; init; }

    /// <summary>Is a login with this hash (one of the device's own) still good?</summary>
    public bool Accepts(byte[] hash, DateTimeOffset now) =>
        SecretHash.AsSpan().SequenceEqual(hash)
        || (PreviousSecretHash is { } previous && now < PreviousSecretUntil && previous.AsSpan().SequenceEqual(hash));

    public string Id => Facts.Id;
}
