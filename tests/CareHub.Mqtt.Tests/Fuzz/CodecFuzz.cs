using System.Diagnostics;
using CareHub.Mqtt.Client;
using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Tests.Fuzz;

/// <summary>
/// Every decoder on its own, fed with mutated packets of every type and both versions: it never throws, says no only
/// with codes that a DISCONNECT or CONNACK may carry, and allocates within a multiple of what it was given. 60,000 packets;
/// with CAREHUB_FUZZ_SECONDS as long as that. A failure prints its seed; replay it with CAREHUB_FUZZ_SEED.
/// </summary>
public sealed class CodecFuzz
{
    /// <summary>A filter of one letter becomes a string, a list entry and the list's growth; nothing costs more for its size.</summary>
    private const int BytesPerByteMax = 96;
    private const int BytesMax = 4_096;

    private static readonly HashSet<ReasonCode> s_refusals =
    [
        ReasonCode.MalformedPacket, ReasonCode.ProtocolError, ReasonCode.UnsupportedProtocolVersion, ReasonCode.QuotaExceeded,
    ];

    [Fact]
    public void Mutated_packets_are_decoded_or_refused_within_bounds()
    {
        var started = Stopwatch.StartNew();
        var seed = FuzzPackets.Seed ?? 1;
        var accepted = 0;
        var refused = 0;
        for (var round = 0; FuzzPackets.Duration is { } duration ? started.Elapsed < duration : round < 60_000; round++, seed++)
        {
            try
            {
                var random = new Random(seed);
                var level = random.Next(4, 6);
                var packet = FuzzPackets.Any(level, random);
                Assert.True(FeedAll(packet), "the packet was to be valid");
                if (FeedAll(random.Next(8) == 0 ? FuzzPackets.Mutate([.. packet, .. packet], random) : FuzzPackets.Mutate(packet, random)))
                {
                    accepted++;
                }
                else
                {
                    refused++;
                }
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"replay with CAREHUB_FUZZ_SEED={seed}", exception);
            }

            if (FuzzPackets.Seed is not null)
            {
                return;
            }
        }

        // The mutations reach both sides of every check, or this would test nothing.
        Assert.True(accepted > 1_000 && refused > 1_000, $"{accepted} accepted, {refused} refused");
    }

    /// <summary>Returns whether some version takes the packet.</summary>
    private static bool FeedAll(byte[] packet)
    {
        var isTaken = false;
        foreach (var v5 in new[] { false, true })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var outcome = Feed(packet, v5);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= (packet.Length * BytesPerByteMax) + BytesMax, $"{allocated} bytes for {packet.Length}");
            Assert.True(outcome == ReasonCode.Success || s_refusals.Contains(outcome), $"{outcome}");
            isTaken |= outcome == ReasonCode.Success;
        }

        return isTaken;
    }

    private static ReasonCode Feed(byte[] packet, bool v5)
    {
        if (Frame.TryRead(packet, 1 << 20, out var frame) != FrameStatus.Complete)
        {
            return ReasonCode.MalformedPacket;
        }

        var body = packet.AsSpan(frame.BodyOffset, frame.BodyLength);
        switch (frame.Type)
        {
            case PacketType.Connect:
                return ConnectDecoder.Decode(body, new ConnectPacket());
            case PacketType.Connack:
                return ConnackDecoder.Decode(body, v5, out _);
            case PacketType.Publish:
                var fromServer = PublishDecoder.Decode(frame.Flags, body, v5, fromClient: false, out _);
                var fromClient = PublishDecoder.Decode(frame.Flags, body, v5, fromClient: true, out var publish);
                if (fromClient == ReasonCode.Success)
                {
                    Assert.Equal(ReasonCode.Success, fromServer);
                    RoundTrip(publish, v5);
                }

                return fromClient;
            case PacketType.Subscribe:
                return SubscribeDecoder.DecodeSubscribe(body, v5, 1_000, out _, out _, []);
            case PacketType.Unsubscribe:
                return SubscribeDecoder.DecodeUnsubscribe(body, v5, 1_000, out _, []);
            case PacketType.Suback or PacketType.Unsuback:
                return ClientDecoder.Codes(frame.Type, body, v5, out _, out _);
            case PacketType.Disconnect:
                return AckDecoder.DecodeDisconnect(body, v5, out _, out _, out _);
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                return AckDecoder.Decode(frame.Type, body, v5, out _, out _, out _);
            default:
                return ReasonCode.Success; // PINGREQ and PINGRESP have no body, AUTH is refused unread
        }
    }

    /// <summary>What was taken is passed on unaltered: encoded for a subscriber it decodes to the same.</summary>
    private static void RoundTrip(in DecodedPublish publish, bool v5)
    {
        if (publish.Topic.IsEmpty)
        {
            return; // it stands for an alias
        }

        var head = new PublishHead { V5 = v5, Qos = publish.Qos, Retain = publish.Retain, PacketId = publish.PacketId, ExpirySeconds = publish.ExpirySeconds };
        var bytes = new byte[PublishEncoder.Measure(head, publish.Topic.Length, publish.Forwarded.Length, publish.Payload.Length)];
        PublishEncoder.Write(bytes, head, publish.Topic, publish.Forwarded, publish.Payload);
        Assert.Equal(FrameStatus.Complete, Frame.TryRead(bytes, int.MaxValue, out var frame));
        Assert.Equal(ReasonCode.Success, PublishDecoder.Decode(frame.Flags, bytes.AsSpan(frame.BodyOffset), v5, fromClient: false, out var again));
        Assert.True(again.Topic.SequenceEqual(publish.Topic) && again.Payload.SequenceEqual(publish.Payload));
        Assert.Equal(publish.ExpirySeconds, again.ExpirySeconds);
    }
}
