using System.Net;
using System.Net.Sockets;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Packets;
using CareHub.Server.Configuration;
using CareHub.Server.Security;
using CareHub.Storage.Registry;

namespace CareHub.Server.Ingest;

/// <summary>Who may connect. Cheap checks first; a refusal tells a stranger nothing about what exists.</summary>
internal sealed partial class ConnectGate(
    RegistryView registry,
    DeviceSecrets secrets,
    DeviceChanges changes,
    FailedLogins failures,
    RefusalBook refusals,
    IngestCounters counters,
    LiveConnections live,
    FlapWatch flaps,
    MqttLimitOptions limits,
    IServiceProvider services,
    TimeProvider time,
    ILogger<ConnectGate> log)
{
    /// <summary>How long the previous secret lives on after the new one has been used: a device with two parts may need both for a moment.</summary>
    public static readonly TimeSpan OverlapGrace = TimeSpan.FromMinutes(10);

    private const string WrongCredentials = "unknown device or wrong secret";

    private readonly TlsCertificates? _tls = services.GetService<TlsCertificates>();
    private readonly Lock _ratesLock = new();
    private readonly RecentBook<string, TokenBucket> _rates = new(Limits.AddressesMax);

    public async ValueTask<ConnectVerdict> DecideAsync(ConnectAttempt attempt)
    {
        var (from, network) = (AddressOf(attempt.Remote), NetworkOf(attempt.Remote));
        var verdict = IsTooFast(network)
            ? ConnectVerdict.Refuse(ReasonCode.ConnectionRateExceeded, "too many connects from this address")
            : await LoginAsync(attempt, from, network);
        if (verdict.Principal is ClientIdentity client)
        {
            live.Add(client);
            if (client is DeviceSession)
            {
                flaps.Connected(client.Name);
            }
        }
        else
        {
            counters.CountRefusedConnect(verdict.Reason);
            refusals.Add(RefusedAct.Connect, NameOf(attempt), from, null, verdict.ReasonString!);
            LogRefused(Printable(NameOf(attempt)), verdict.ReasonString!, from);
        }

        return verdict;
    }

    public static string AddressOf(EndPoint? remote) => remote is IPEndPoint { Address: var address }
        ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
        : "unknown";

    /// <summary>What limits count by: an IPv4 address, or the /64 network that an IPv6 customer has to himself.</summary>
    public static string NetworkOf(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } address })
        {
            return AddressOf(remote);
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    private async ValueTask<ConnectVerdict> LoginAsync(ConnectAttempt attempt, string from, string network)
    {
        if (attempt.Certificate is { } certificate && _tls?.Trusts(certificate) == true)
        {
            return ByCertificate(attempt, CertificateIdentity.DeviceIdOf(certificate), from);
        }

        if (string.IsNullOrEmpty(attempt.Username))
        {
            return ConnectVerdict.Refuse(ReasonCode.BadUserNameOrPassword, "a user name (the device id) and a password (its secret) are required");
        }

        // A name longer than any there is must not become a key of the books.
        var name = attempt.Username.Length > DeviceImport.DeviceIdCharsMax ? attempt.Username[..DeviceImport.DeviceIdCharsMax] : attempt.Username;
        var judgement = failures.Judge(network, name);
        if (judgement.RetryAfter is not null)
        {
            return ConnectVerdict.Refuse(ReasonCode.ConnectionRateExceeded, "too many failed logins; try again later");
        }

        if (judgement.Delay > TimeSpan.Zero)
        {
            await Task.Delay(judgement.Delay, time);
        }

        var verdict = BySecret(attempt, from);
        if (verdict.Reason == ReasonCode.BadUserNameOrPassword)
        {
            failures.Failed(network, name);
        }
        else
        {
            failures.Succeeded(network, name);
        }

        return verdict;
    }

    private ConnectVerdict ByCertificate(ConnectAttempt attempt, string? deviceId, string from)
    {
        if (deviceId is null || !registry.Current.Devices.TryGetValue(deviceId, out var device))
        {
            return ConnectVerdict.Refuse(ReasonCode.NotAuthorized, "the certificate names no registered device");
        }

        return attempt.Username is { Length: > 0 } name && name != deviceId
            ? ConnectVerdict.Refuse(ReasonCode.NotAuthorized, "the user name is not the device of the certificate")
            : Admit(attempt, device, null, from);
    }

    private ConnectVerdict BySecret(ConnectAttempt attempt, string from)
    {
        var snapshot = registry.Current;
        if (snapshot.Devices.TryGetValue(attempt.Username!, out var device))
        {
            var hash = secrets.Match(attempt.Password.Span, device, time.GetUtcNow());
            return hash is null ? ConnectVerdict.Refuse(ReasonCode.BadUserNameOrPassword, WrongCredentials) : Admit(attempt, device, hash, from);
        }

        // Unknown name and wrong secret get the same answer: nobody learns which ids exist.
        if (!snapshot.Services.TryGetValue(attempt.Username!, out var service) || !secrets.Verify(attempt.Password.Span, service.SecretHash))
        {
            return ConnectVerdict.Refuse(ReasonCode.BadUserNameOrPassword, WrongCredentials);
        }

        return IsAnothersId(attempt.ClientId, service.Name, snapshot)
            ? ConnectVerdict.Refuse(ReasonCode.ClientIdentifierNotValid, "the client id belongs to another client")
            : ConnectVerdict.Accept(new ServiceSession(service, attempt.ClientId, from));
    }

    private ConnectVerdict Admit(ConnectAttempt attempt, DeviceEntry device, byte[]? hash, string from)
    {
        if (device.Disabled)
        {
            return ConnectVerdict.Refuse(ReasonCode.NotAuthorized, "this device is disabled");
        }

        // Under another device's id it would take that device's session over.
        if (IsAnothersId(attempt.ClientId, device.Id, registry.Current))
        {
            return ConnectVerdict.Refuse(ReasonCode.ClientIdentifierNotValid, "the client id belongs to another device");
        }

        var until = time.HubNow() + OverlapGrace;
        if (ReferenceEquals(hash, device.SecretHash) && device.PreviousSecretUntil > until)
        {
            _ = EndOverlapAsync(device.Id, device.SecretHash, until);
        }

        return ConnectVerdict.Accept(new DeviceSession(device.Id, attempt.ClientId, hash, from));
    }

    private static bool IsAnothersId(string clientId, string name, RegistrySnapshot snapshot) =>
        clientId != name && (snapshot.Devices.ContainsKey(clientId) || snapshot.Services.ContainsKey(clientId));

    private bool IsTooFast(string network)
    {
        lock (_ratesLock)
        {
            return !_rates.FindOrAdd(network, () => new TokenBucket(limits.ConnectsPerSecondPerAddress, limits.ConnectBurstPerAddress)).TryTake(time.GetUtcNow());
        }
    }

    /// <summary>Beside the login: a device must not wait for a disk that is slow.</summary>
    private async Task EndOverlapAsync(string deviceId, byte[] newHash, DateTimeOffset until)
    {
        await Task.Yield();
        try
        {
            changes.EndOverlap(deviceId, newHash, until);
        }
        catch (Exception failure)
        {
            // Its next login tries again; at the latest the overlap ends at its own time.
            LogOverlapFailed(failure, deviceId);
        }
    }

    private static string? NameOf(ConnectAttempt attempt) =>
        attempt.Username ?? (attempt.Certificate is { } certificate ? CertificateIdentity.DeviceIdOf(certificate) : null) ?? attempt.ClientId;

    private static string Printable(string? text) => text is null ? "(none)" : text.Length > 64 ? text[..64] : text;

    [LoggerMessage(1001, LogLevel.Warning, "Connection of '{User}' from {Remote} refused: {Reason}")]
    private partial void LogRefused(string user, string reason, string remote);

    [LoggerMessage(6102, LogLevel.Error, "The overlap of the secrets of device {DeviceId} could not be shortened")]
    private partial void LogOverlapFailed(Exception failure, string deviceId);
}
