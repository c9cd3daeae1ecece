using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Codec;

/// <summary>What a CONNACK says, MQTT 5.0 §3.2. Null properties are left out.</summary>
internal sealed class ConnackPacket
{
    public bool SessionPresent { get; set; }

    public ReasonCode Reason { get; set; }

    public uint? SessionExpirySeconds { get; set; }

    public ushort? ReceiveMaximum { get; set; }

    public byte? QosMax { get; set; }

    public bool RetainAvailable { get; set; } = true;

    public uint? PacketBytesMax { get; set; }

    public string? AssignedClientId { get; set; }

    public ushort? TopicAliasMaximum { get; set; }

    public string? ReasonString { get; set; }

    public ushort? ServerKeepAliveSeconds { get; set; }

    public string? ResponseInformation { get; set; }
}

internal static class ConnackEncoder
{
    public static byte[] Encode(byte level, ConnackPacket connack)
    {
        var writer = new PacketWriter();
        writer.Byte((byte)(connack.SessionPresent ? 1 : 0));
        if (level != ProtocolLevel.V5)
        {
            writer.Byte(ReturnCodeOf(connack.Reason));
            return writer.ToPacket(PacketType.Connack);
        }

        writer.Byte((byte)connack.Reason);
        writer.Section(Properties(connack));
        return writer.ToPacket(PacketType.Connack);
    }

    /// <summary>Return codes of MQTT 3.1.1 §3.2.2.3.</summary>
    public static byte ReturnCodeOf(ReasonCode reason) => reason switch
    {
        ReasonCode.Success => 0,
        ReasonCode.UnsupportedProtocolVersion => 1,
        ReasonCode.ClientIdentifierNotValid => 2,
        ReasonCode.BadUserNameOrPassword => 4,
        ReasonCode.NotAuthorized or ReasonCode.Banned => 5,
        _ => 3,
    };

    /// <summary>The reason that a 3.1.1 return code stands for.</summary>
    public static ReasonCode ReasonOf(byte returnCode) => returnCode switch
    {
        0 => ReasonCode.Success,
        1 => ReasonCode.UnsupportedProtocolVersion,
        2 => ReasonCode.ClientIdentifierNotValid,
        3 => ReasonCode.ServerUnavailable,
        4 => ReasonCode.BadUserNameOrPassword,
        _ => ReasonCode.NotAuthorized,
    };

    private static PacketWriter Properties(ConnackPacket connack)
    {
        var writer = new PacketWriter();
        Number(writer, PropertyId.SessionExpiryInterval, connack.SessionExpirySeconds);
        Number(writer, PropertyId.ReceiveMaximum, connack.ReceiveMaximum);
        Number(writer, PropertyId.MaximumPacketSize, connack.PacketBytesMax);
        Text(writer, PropertyId.AssignedClientIdentifier, connack.AssignedClientId);
        Number(writer, PropertyId.TopicAliasMaximum, connack.TopicAliasMaximum);
        Text(writer, PropertyId.ReasonString, connack.ReasonString);
        Number(writer, PropertyId.ServerKeepAlive, connack.ServerKeepAliveSeconds);
        Text(writer, PropertyId.ResponseInformation, connack.ResponseInformation);
        return writer;
    }

    private static void Number(PacketWriter writer, PropertyId id, uint? value)
    {
        if (value is { } number)
        {
            writer.Property(id, number);
        }
    }

    private static void Text(PacketWriter writer, PropertyId id, string? value)
    {
        if (value is not null)
        {
            writer.Property(id, AckEncoder.Fit(value));
        }
    }
}
