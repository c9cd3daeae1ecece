using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Codec;

internal enum PropertyKind : byte
{
    None,

    /// <summary>A byte that may only be 0 or 1; so are all byte properties of the specification.</summary>
    Flag,
    UInt16,
    UInt32,
    VariableByteInteger,
    Utf8,
    Binary,
    Utf8Pair,
}

/// <summary>Table 2-4 of MQTT 5.0: data type of each property and the packets that may carry it.</summary>
internal static class PropertyTable
{
    private const int Will = 1 << (int)PropertyScanner.Will;
    private const int Connect = 1 << (int)PacketType.Connect;
    private const int Connack = 1 << (int)PacketType.Connack;
    private const int Publish = 1 << (int)PacketType.Publish;
    private const int Acks = (1 << (int)PacketType.Puback) | (1 << (int)PacketType.Pubrec) | (1 << (int)PacketType.Pubrel)
        | (1 << (int)PacketType.Pubcomp) | (1 << (int)PacketType.Suback) | (1 << (int)PacketType.Unsuback);
    private const int Subscribe = 1 << (int)PacketType.Subscribe;
    private const int Unsubscribe = 1 << (int)PacketType.Unsubscribe;
    private const int Disconnect = 1 << (int)PacketType.Disconnect;
    private const int Auth = 1 << (int)PacketType.Auth;

    public static PropertyKind KindOf(PropertyId id) => id switch
    {
        PropertyId.PayloadFormatIndicator or PropertyId.RequestProblemInformation or PropertyId.RequestResponseInformation
            or PropertyId.MaximumQos or PropertyId.RetainAvailable or PropertyId.WildcardSubscriptionAvailable
            or PropertyId.SubscriptionIdentifierAvailable or PropertyId.SharedSubscriptionAvailable => PropertyKind.Flag,
        PropertyId.ServerKeepAlive or PropertyId.ReceiveMaximum or PropertyId.TopicAliasMaximum or PropertyId.TopicAlias => PropertyKind.UInt16,
        PropertyId.MessageExpiryInterval or PropertyId.SessionExpiryInterval or PropertyId.WillDelayInterval
            or PropertyId.MaximumPacketSize => PropertyKind.UInt32,
        PropertyId.SubscriptionIdentifier => PropertyKind.VariableByteInteger,
        PropertyId.ContentType or PropertyId.ResponseTopic or PropertyId.AssignedClientIdentifier or PropertyId.AuthenticationMethod
            or PropertyId.ResponseInformation or PropertyId.ServerReference or PropertyId.ReasonString => PropertyKind.Utf8,
        PropertyId.CorrelationData or PropertyId.AuthenticationData => PropertyKind.Binary,
        PropertyId.UserProperty => PropertyKind.Utf8Pair,
        _ => PropertyKind.None,
    };

    /// <summary>Bit set by packet type; 0 for an unknown identifier.</summary>
    public static int AllowedIn(PropertyId id) => id switch
    {
        PropertyId.PayloadFormatIndicator or PropertyId.MessageExpiryInterval or PropertyId.ContentType
            or PropertyId.ResponseTopic or PropertyId.CorrelationData => Publish | Will,
        PropertyId.SubscriptionIdentifier => Publish | Subscribe,
        PropertyId.SessionExpiryInterval => Connect | Connack | Disconnect,
        PropertyId.AssignedClientIdentifier or PropertyId.ServerKeepAlive or PropertyId.ResponseInformation
            or PropertyId.MaximumQos or PropertyId.RetainAvailable or PropertyId.WildcardSubscriptionAvailable
            or PropertyId.SubscriptionIdentifierAvailable or PropertyId.SharedSubscriptionAvailable => Connack,
        PropertyId.AuthenticationMethod or PropertyId.AuthenticationData => Connect | Connack | Auth,
        PropertyId.RequestProblemInformation or PropertyId.RequestResponseInformation => Connect,
        PropertyId.WillDelayInterval => Will,
        PropertyId.ServerReference => Connack | Disconnect,
        PropertyId.ReasonString => Connack | Acks | Disconnect | Auth,
        PropertyId.ReceiveMaximum or PropertyId.TopicAliasMaximum or PropertyId.MaximumPacketSize => Connect | Connack,
        PropertyId.TopicAlias => Publish,
        PropertyId.UserProperty => Connect | Connack | Publish | Will | Acks | Subscribe | Unsubscribe | Disconnect | Auth,
        _ => 0,
    };
}
