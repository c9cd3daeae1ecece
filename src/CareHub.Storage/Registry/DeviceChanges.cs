using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Registry;

/// <summary>Who changes something, when, and why.</summary>
internal sealed record ChangeNote(Author Author, DateTimeOffset At, string? Reason);

/// <summary>A device as an administrator describes it.</summary>
internal sealed record NewDevice(string Id, string Kind, string SiteId, string? Name, string? Model, string? SpaceId, string? ResidentId, string? GatewayId, int? IntervalSeconds);

/// <summary>What came of it: <see cref="Value"/>, or everything that is wrong.</summary>
internal sealed record Outcome<T>(T? Value, IReadOnlyList<string> Errors)
    where T : class
{
    public static Outcome<T> Of(T value) => new(value, []);

    public static Outcome<T> Wrong(params IReadOnlyList<string> errors) => new(null, errors);
}

/// <summary>A secret, told this once.</summary>
/// <param name="PreviousUntil">Until when the previous secret works beside it.</param>
internal sealed record IssuedSecret(string DeviceId, string Secret, DateTimeOffset? PreviousUntil);

/// <summary>A claim code, told this once.</summary>
internal sealed record IssuedClaimCode(string DeviceId, string Code, DateTimeOffset ExpiresAt);

/// <summary>
/// Every change of a device's identity. Each is one transaction with its entry in the timeline: there is no change
/// without an author. Scopes are checked by the caller.
/// </summary>
internal sealed class DeviceChanges(RegistryStore store, DeviceSecrets secrets)
{
    private const int IntervalSecondsMax = 31 * 24 * 3600;

    public Outcome<IssuedSecret> Create(NewDevice device, ChangeNote note) => Change<IssuedSecret>((context, timeline) =>
    {
        var errors = Check(context, device);
        if (errors.Count > 0)
        {
            return Outcome<IssuedSecret>.Wrong(errors);
        }

        var secret = DeviceSecrets.Generate();
        context.Devices.Add(new DeviceRow
        {
            Id = device.Id, Kind = device.Kind, SiteId = device.SiteId, Name = device.Name, Model = device.Model, SpaceId = device.SpaceId,
            ResidentId = device.ResidentId, GatewayId = device.GatewayId, IntervalSeconds = device.IntervalSeconds, SecretHash = secrets.Hash(secret),
        });
        timeline.Append(RegistryEvent.DeviceCreated, device.Id, note.Author, note.At, note.Reason);
        return Outcome<IssuedSecret>.Of(new IssuedSecret(device.Id, secret, null));
    });

    /// <summary>A new secret; the one before stays valid for the overlap.</summary>
    public Outcome<IssuedSecret> Rotate(string id, TimeSpan overlap, ChangeNote note) => Change<IssuedSecret>((context, timeline) =>
    {
        if (context.Devices.Find(id) is not { } device)
        {
            return Missing<IssuedSecret>(id);
        }

        var issued = Issue(device, overlap, note.At);
        timeline.Append(RegistryEvent.SecretRotated, id, note.Author, note.At, note.Reason);
        return Outcome<IssuedSecret>.Of(issued);
    });

    /// <summary>The new secret has been used: the previous one ends at the time given, if it would have lasted longer.</summary>
    public void EndOverlap(string id, byte[] newHash, DateTimeOffset until)
    {
        using var context = store.CreateContext();
        var untilMs = until.ToUnixTimeMilliseconds();
        context.Devices.Where(row => row.Id == id && row.SecretHash == newHash && row.PreviousSecretUntil > untilMs)
            .ExecuteUpdate(set => set.SetProperty(row => row.PreviousSecretUntil, untilMs));
    }

    public Outcome<string> SetDisabled(string id, bool disabled, ChangeNote note) => Change<string>((context, timeline) =>
    {
        if (context.Devices.Find(id) is not { } device)
        {
            return Missing<string>(id);
        }

        if (device.Disabled != disabled)
        {
            (device.Disabled, device.DisabledReason) = (disabled, disabled ? note.Reason : null);
            timeline.Append(disabled ? RegistryEvent.DeviceDisabled : RegistryEvent.DeviceEnabled, id, note.Author, note.At, note.Reason);
        }

        return Outcome<string>.Of(id);
    });

    /// <summary>A code for an installer; codes given out for the device before, and not used, are void.</summary>
    public Outcome<IssuedClaimCode> CreateClaimCode(string id, TimeSpan validity, ChangeNote note) => Change<IssuedClaimCode>((context, timeline) =>
    {
        if (context.Devices.Find(id) is null)
        {
            return Missing<IssuedClaimCode>(id);
        }

        context.ClaimCodes.Where(row => row.DeviceId == id && row.UsedAt == null).ExecuteDelete();
        var issued = new IssuedClaimCode(id, ClaimCode.Generate(), note.At + validity);
        context.ClaimCodes.Add(new ClaimCodeRow
        {
            Hash = secrets.HashClaimCode(issued.Code), DeviceId = id, CreatedAt = note.At.ToUnixTimeMilliseconds(), ExpiresAt = issued.ExpiresAt.ToUnixTimeMilliseconds(),
        });
        timeline.Append(RegistryEvent.ClaimCodeCreated, id, note.Author, note.At, note.Reason);
        return Outcome<IssuedClaimCode>.Of(issued);
    });

    /// <summary>
    /// Trades a code for the device's new secret. Of concurrent claims one wins: the transaction holds the write lock from
    /// its begin. The secret before is void at once: another box takes the identity now.
    /// </summary>
    public Outcome<IssuedSecret> Claim(string code, DateTimeOffset now, string from) => Change<IssuedSecret>((context, timeline) =>
    {
        var hash = secrets.HashClaimCode(code);
        var row = context.ClaimCodes.SingleOrDefault(row => row.Hash == hash);
        if (row is null || row.UsedAt is not null || row.ExpiresAt <= now.ToUnixTimeMilliseconds() || context.Devices.Find(row.DeviceId) is not { Disabled: false } device)
        {
            // One answer for all: nobody learns which codes there were.
            return Outcome<IssuedSecret>.Wrong("the code is unknown, expired or used");
        }

        row.UsedAt = now.ToUnixTimeMilliseconds();
        var issued = Issue(device, TimeSpan.Zero, now);
        timeline.Append(RegistryEvent.DeviceClaimed, device.Id, new Author(AuthorKind.Device, device.Id, device.Id), now, $"claimed from {from}");
        return Outcome<IssuedSecret>.Of(issued);
    });

    private IssuedSecret Issue(DeviceRow device, TimeSpan overlap, DateTimeOffset now)
    {
        var secret = DeviceSecrets.Generate();
        DateTimeOffset? until = overlap > TimeSpan.Zero ? now + overlap : null;
        device.PreviousSecretHash = until is null ? null : device.SecretHash;
        device.PreviousSecretUntil = until?.ToUnixTimeMilliseconds();
        device.SecretHash = secrets.Hash(secret);
        return new IssuedSecret(device.Id, secret, until);
    }

    private Outcome<T> Change<T>(Func<RegistryContext, RegistryTimeline, Outcome<T>> change)
        where T : class
    {
        using var context = store.CreateContext();
        using var transaction = context.Database.BeginTransaction();
        var outcome = change(context, new RegistryTimeline(context));
        if (outcome.Value is not null)
        {
            context.SaveChanges();
            transaction.Commit();
        }

        return outcome;
    }

    private static Outcome<T> Missing<T>(string id)
        where T : class => Outcome<T>.Wrong($"device '{id}' is not registered");

    private static List<string> Check(RegistryContext context, NewDevice device)
    {
        var errors = new List<string>();
        void Require(bool condition, string message)
        {
            if (!condition)
            {
                errors.Add(message);
            }
        }

        Require(DeviceImport.IsId(device.Id, DeviceImport.DeviceIdCharsMax), $"'id' must be 1–{DeviceImport.DeviceIdCharsMax} letters, digits, '.', '_', ':' or '-'");
        Require(!HubSite.IsPart(device.Id), $"'id': '{device.Id}' is a part of the hub itself");
        Require(context.Devices.Find(device.Id) is null && context.Services.Find(device.Id) is null, $"'id': '{device.Id}' is taken");
        Require(DeviceKinds.IsKnown(device.Kind), $"'kind' must be one of {string.Join(", ", DeviceKinds.Known)}");
        Require(context.Sites.Find(device.SiteId) is not null, $"'siteId': '{device.SiteId}' is not registered");
        Require(device.SpaceId is null || context.Spaces.Find(device.SpaceId)?.SiteId == device.SiteId, "'spaceId' is not a space of the site");
        Require(device.ResidentId is null || context.Residents.Find(device.ResidentId)?.SiteId == device.SiteId, "'residentId' is not a resident of the site");
        Require(device.GatewayId is null || context.Devices.Find(device.GatewayId) is { Kind: DeviceKinds.Gateway } gateway && gateway.SiteId == device.SiteId, "'gatewayId' is not a gateway of the site");
        Require(device.IntervalSeconds is null or (>= 1 and <= IntervalSecondsMax), $"'intervalSeconds' must be 1–{IntervalSecondsMax}");
        Require(device.Name is not { Length: > 100 } && device.Model is not { Length: > 100 }, "'name' and 'model' may have 100 characters");
        return errors;
    }
}
