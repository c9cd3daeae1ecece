namespace CareHub.Server.Decoders;

/// <param name="Battery">Percent, if the device gave it.</param>
internal sealed record DeviceStatus(bool Online, double? Battery);

/// <summary><c>care/v1/{deviceId}/status</c>, also the last will.</summary>
internal static class NativeStatusDecoder
{
    public static Decoded<DeviceStatus> Decode(ReadOnlySpan<byte> payload)
    {
        var json = new JsonFields(payload);
        bool? online = null;
        double? battery = null;
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "online":
                    online = json.Flag();
                    break;
                case "battery":
                    battery = json.Number(0, 100);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if (json.Error is { } error)
        {
            return Decoded<DeviceStatus>.Failure(error, json.Offset);
        }

        return online is null
            ? Decoded<DeviceStatus>.Failure("'online' is missing; it must be true or false", 0)
            : Decoded<DeviceStatus>.Of(new DeviceStatus(online.Value, battery));
    }
}
