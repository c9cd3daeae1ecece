namespace CareHub.Mqtt.Packets;

/// <summary>Protocol level byte of CONNECT, MQTT 5.0 §3.1.2.2.</summary>
internal static class ProtocolLevel
{
    /// <summary>MQTT 3.1 ("MQIsdp"), served as 3.1.1.</summary>
    public const byte V31 = 3;

    public const byte V311 = 4;

    public const byte V5 = 5;
}
