using System.Security.Cryptography;
using System.Text.Json;
using CareHub.Core;
using CareHub.Core.Signals;

namespace CareHub.Server.Decoders;

/// <summary><c>care/v1/{deviceId}/signal</c>. Fields the hub does not know are kept in the raw payload, not refused.</summary>
internal static class NativeSignalDecoder
{
    /// <summary>What no device can know.</summary>
    private static readonly SignalKind[] HubsOwn = [SignalKind.Flapping, SignalKind.Outage];

    private static readonly string[] Sayable = [.. Enum.GetValues<SignalKind>().Except(HubsOwn).Select(Words<SignalKind>.Of)];

    private const int IdCharsMax = 64;
    private const int ZoneCharsMax = 100;

    public static Decoded<Signal> Decode(string deviceId, ReadOnlySpan<byte> payload, DateTimeOffset receivedAt)
    {
        var json = new JsonFields(payload);
        string? id = null, zone = null;
        SignalKind? kind = null, of = null;
        DateTimeOffset? at = null;
        double? confidence = null;
        var buffered = false;

        while (json.NextField())
        {
            switch (json.Name)
            {
                case "id":
                    id = json.Text(1, IdCharsMax);
                    break;
                case "type":
                    kind = json.Word<SignalKind>();
                    break;
                case "of":
                    of = json.Word<SignalKind>();
                    break;
                case "at":
                    at = json.Time();
                    break;
                case "confidence":
                    confidence = json.Number(0, 1);
                    break;
                case "zone":
                    zone = json.Text(0, ZoneCharsMax);
                    break;
                case "buffered":
                    buffered = json.Flag();
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if (json.Error is { } error)
        {
            return Decoded<Signal>.Failure(error, json.Offset);
        }

        if (kind is { } own && HubsOwn.Contains(own))
        {
            return Decoded<Signal>.Failure($"'type' must not be '{Words<SignalKind>.Of(own)}', which is a finding of the hub's own", 0);
        }

        if (kind is null)
        {
            return Decoded<Signal>.Failure($"'type' is missing; it must be one of {string.Join(", ", Sayable)}", 0);
        }

        var raw = payload.ToArray();
        return Decoded<Signal>.Of(new Signal
        {
            DeviceId = deviceId,
            Id = id ?? MakeId(raw, at, receivedAt),
            Kind = kind.Value,
            ReceivedAt = receivedAt,
            DeviceAt = at,
            Buffered = buffered,
            Of = of,
            Confidence = confidence,
            Zone = string.IsNullOrEmpty(zone) ? null : zone,
            Raw = raw,
        });
    }

    /// <summary>
    /// A device that sends no id gets one from what it said and when it says so: the same message again is then the same
    /// signal. Without a time of its own two presses cannot be told from one sent twice, and both count.
    /// </summary>
    private static string MakeId(byte[] raw, DateTimeOffset? at, DateTimeOffset receivedAt) =>
        at is not null
            ? $"~{Convert.ToHexStringLower(SHA256.HashData(raw).AsSpan(0, 16))}"
            : $"~{receivedAt.ToUnixTimeMilliseconds()}-{Guid.NewGuid():N}";
}
