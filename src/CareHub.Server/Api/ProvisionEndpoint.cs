using System.Net;
using CareHub.Mqtt.Broker;
using CareHub.Server.Ingest;
using CareHub.Storage.Registry;

namespace CareHub.Server.Api;

/// <summary>
/// An installer trades the code from a device's slip for its secret, once. Nobody is signed in here, so there is nothing a
/// foreign page could abuse, and wrong codes are throttled as failed logins are.
/// </summary>
internal static partial class ProvisionEndpoint
{
    /// <summary>Stands for "a code" among the names whose failures are counted; no device can have it.</summary>
    private const string CodeAsName = "/claim-code";

    internal sealed record ProvisionRequest(string? Code);

    internal sealed record ProvisionView(string DeviceId, string Secret, IReadOnlyList<string> Mqtt);

    public static void Map(WebApplication web) => web.MapPost("/api/v1/provision", Claim).AllowAnonymous().Produces<ProvisionView>();

    private static IResult Claim(ProvisionRequest request, DeviceAccessEndpoints.Work work, FailedLogins failures, MqttServer broker, HttpContext http, ILoggerFactory logs)
    {
        var remote = http.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, 0) : null;
        var (from, network) = (ConnectGate.AddressOf(remote), ConnectGate.NetworkOf(remote));
        if (failures.Judge(network, CodeAsName).RetryAfter is { } retryAfter)
        {
            http.Response.Headers.RetryAfter = $"{(int)Math.Ceiling(retryAfter.TotalSeconds)}";
            return Problems.Of(StatusCodes.Status429TooManyRequests, "throttled", "Too many wrong codes; try again later");
        }

        // A typing error is found here, and costs the installer no attempt.
        if (!ClaimCode.TryParse(request.Code, out var code))
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "code_mistyped", "This is not a claim code: please compare it with the slip");
        }

        var outcome = work.Changes.Claim(code, work.Time.HubNow(), from);
        var log = logs.CreateLogger(nameof(ProvisionEndpoint));
        if (outcome.Value is not { } issued)
        {
            failures.Failed(network, CodeAsName);
            LogRefused(log, from);
            return Problems.Of(StatusCodes.Status404NotFound, "code_invalid", "The code is unknown, expired or used");
        }

        work.TakeEffect();
        LogClaimed(log, issued.DeviceId, from);
        return Results.Ok(new ProvisionView(issued.DeviceId, issued.Secret, PublicAddress.MqttOf(work.Options, http.Request, broker)));
    }

    [LoggerMessage(6201, LogLevel.Information, "Device {DeviceId} was claimed from {Remote}")]
    private static partial void LogClaimed(ILogger log, string deviceId, string remote);

    [LoggerMessage(6202, LogLevel.Warning, "A wrong claim code came from {Remote}")]
    private static partial void LogRefused(ILogger log, string remote);
}
