using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Codec;

namespace CareHub.Mqtt.Sessions;

/// <summary>A will and the client it speaks for.</summary>
internal sealed record Will(WillMessage Message, MqttPeer Peer);
