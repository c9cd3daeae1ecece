using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace CareHub.Mqtt.Tests.Codec;

/// <summary>Encodings on their own.</summary>
public sealed class CodecTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(2_000).WithReplay(20_261_122, 1);

    [Theory]
    [InlineData(0u, "00")]
    [InlineData(127u, "7F")]
    [InlineData(128u, "8001")]
    [InlineData(16_383u, "FF7F")]
    [InlineData(16_384u, "808001")]
    [InlineData(2_097_151u, "FFFF7F")]
    [InlineData(2_097_152u, "80808001")]
    [InlineData(268_435_455u, "FFFFFF7F")]
    public void Variable_byte_integers_are_those_of_table_1_1(uint value, string hex)
    {
        var bytes = new byte[4];
        var length = VariableByteInteger.Write(bytes, value);
        Assert.Equal(hex, Convert.ToHexString(bytes, 0, length)); // [MQTT-1.5.5-1]
        Assert.Equal(length, VariableByteInteger.SizeOf(value));
        Assert.Equal(length, VariableByteInteger.Read(bytes, out var read));
        Assert.Equal(value, read);
        Assert.Equal(0, VariableByteInteger.Read(bytes.AsSpan(0, length - 1), out _));
    }

    [Fact]
    public void A_fifth_byte_is_malformed() =>
        Assert.Equal(-1, VariableByteInteger.Read(Bytes.Hex("80 80 80 80 01"), out _));

    [Fact]
    public void What_is_written_is_read()
    {
        Prop.ForAll<uint>(value =>
        {
            var bounded = value % (VariableByteInteger.Max + 1);
            var bytes = new byte[4];
            var length = VariableByteInteger.Write(bytes, bounded);
            return VariableByteInteger.Read(bytes, out var read) == length && read == bounded;
        }).Check(s_config);
    }

    [Fact]
    public void An_encoded_publish_decodes_to_itself()
    {
        var arbitrary = (from topic in ArbMap.Default.ArbFor<NonEmptyString>().Generator
                         from payload in ArbMap.Default.ArbFor<byte[]>().Generator
                         from qos in Gen.Choose(0, 2)
                         from id in Gen.Choose(1, 65_535)
                         from flags in Gen.Choose(0, 3)
                         from v5 in Gen.Elements(true, false)
                         from expiry in Gen.OneOf(Gen.Constant<uint?>(null), Gen.Choose(0, 1_000_000).Select(e => (uint?)e))
                         select (topic.Get, payload ?? [], qos, id, flags, v5, expiry)).ToArbitrary();
        Prop.ForAll(arbitrary, sample =>
        {
            var (text, payload, qos, id, flags, v5, expiry) = sample;
            var topic = System.Text.Encoding.UTF8.GetBytes(text.Replace("+", "p").Replace("#", "h").Replace("\0", "n"));
            var head = new PublishHead
            {
                V5 = v5, Qos = (byte)qos, PacketId = (ushort)id, Retain = (flags & 1) != 0, Duplicate = qos > 0 && (flags & 2) != 0,
                ExpirySeconds = v5 ? expiry : null,
            };
            var packet = new byte[PublishEncoder.Measure(head, topic.Length, 0, payload.Length)];
            PublishEncoder.Write(packet, head, topic, default, payload);
            var complete = Frame.TryRead(packet, int.MaxValue, out var frame) == FrameStatus.Complete && frame.Length == packet.Length;
            var error = PublishDecoder.Decode(frame.Flags, packet.AsSpan(frame.BodyOffset), v5, fromClient: true, out var decoded);
            return complete && error == ReasonCode.Success && decoded.Topic.SequenceEqual(topic) && decoded.Payload.SequenceEqual(payload)
                && decoded.Qos == qos && (qos == 0 || decoded.PacketId == id) && decoded.Retain == head.Retain
                && decoded.Duplicate == head.Duplicate && decoded.ExpirySeconds == head.ExpirySeconds;
        }).Check(s_config);
    }

    [Fact]
    public void No_bytes_make_a_decoder_throw()
    {
        Prop.ForAll<byte[], bool>((bytes, v5) =>
        {
            bytes ??= [];
            _ = Frame.TryRead(bytes, 1_000, out _);
            _ = PublishDecoder.Decode(bytes.Length > 0 ? bytes[0] & 15 : 0, bytes, v5, fromClient: true, out _);
            _ = ConnectDecoder.Decode(Bytes.Join(Bytes.Str("MQTT"), [v5 ? (byte)5 : (byte)4], bytes), new ConnectPacket());
            _ = SubscribeDecoder.DecodeSubscribe(bytes, v5, 1_000, out _, out _, []);
            _ = SubscribeDecoder.DecodeUnsubscribe(bytes, v5, 1_000, out _, []);
            _ = AckDecoder.Decode(PacketType.Puback, bytes, v5, out _, out _, out _);
            _ = AckDecoder.DecodeDisconnect(bytes, v5, out _, out _, out _);
            _ = ConnackDecoder.Decode(bytes, v5, out _);
            return true;
        }).Check(s_config.WithMaxTest(20_000));
    }
}
