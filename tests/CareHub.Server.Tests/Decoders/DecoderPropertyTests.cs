using System.Text;
using CareHub.Core.Signals;
using CareHub.Server.Decoders;

namespace CareHub.Server.Tests.Decoders;

/// <summary>Whatever bytes arrive: a value or a reason with an offset inside the payload, never an exception.</summary>
public sealed class DecoderPropertyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] Samples =
    [
        """{"id":"01J","type":"fall","at":"2026-11-22T03:04:05.678Z","confidence":0.93,"zone":"bedroom","buffered":true,"extra":{"a":[1,2]}}""",
        """{"at":"2026-11-22T03:04:05Z","values":{"heart_rate":71,"temperature":23.4,"battery":88}}""",
        """[{"values":{"heart_rate":71}},{"values":{"heart_rate":72}}]""",
        """{"online":true,"firmware":"1.4.2","battery":80}""",
    ];

    [Fact]
    public void Mutated_payloads_are_decoded_or_refused_with_a_reason()
    {
        var random = new Random(20261122);
        for (var round = 0; round < 20_000; round++)
        {
            var payload = Mutate(random, Encoding.UTF8.GetBytes(Samples[random.Next(Samples.Length)]));
            Check(NativeSignalDecoder.Decode("d", payload, Now), payload);
            Check(NativeReadingDecoder.Decode("d", payload, Now), payload);
            Check(NativeStatusDecoder.Decode(payload), payload);
        }
    }

    private static void Check<T>(Decoded<T> decoded, byte[] payload)
        where T : class
    {
        Assert.True(decoded.Value is not null ^ decoded.Reason is not null);
        Assert.InRange(decoded.Offset, 0, payload.Length);
    }

    private static byte[] Mutate(Random random, byte[] payload)
    {
        var bytes = payload.ToList();
        for (var change = random.Next(4); change > 0 && bytes.Count > 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.Insert(at, (byte)"{}[]\",:0\\"[random.Next(9)]);
                    break;
            }
        }

        return [.. bytes];
    }

    [Theory]
    [InlineData("1e15", true)]
    [InlineData("-1000000000000000", true)]
    [InlineData("5e-324", true)]
    [InlineData("-0.0", true)]
    [InlineData("1.0000001e15", false)]
    [InlineData("1.5e308", false)]
    [InlineData("-1.7976931348623157e308", false)]
    [InlineData("1e999", false)]
    [InlineData("NaN", false)]
    public void A_value_that_nothing_measures_is_refused(string value, bool taken)
    {
        var decoded = NativeReadingDecoder.Decode("d", Encoding.UTF8.GetBytes($$$"""{"values":{"heart_rate":{{{value}}}}}"""), Now);
        Assert.Equal(taken, decoded.Value is not null);
        Assert.Equal(taken, decoded.Reason is null);
    }

    [Fact]
    public void A_signal_keeps_what_it_said()
    {
        var raw = Encoding.UTF8.GetBytes(Samples[0]);
        var signal = NativeSignalDecoder.Decode("d", raw, Now).Value!;

        Assert.Equal((SignalKind.Fall, "01J", 0.93, "bedroom", true), (signal.Kind, signal.Id, signal.Confidence, signal.Zone, signal.Buffered));
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 3, 4, 5, 678, TimeSpan.Zero), signal.OccurredAt);
        Assert.Equal(raw, signal.Raw.ToArray());
    }

    [Fact]
    public void A_device_without_ids_sends_the_same_signal_when_it_says_the_same_at_the_same_time()
    {
        var timed = """{"type":"fall","at":"2026-11-22T03:04:05.678Z"}"""u8;
        Assert.Equal(NativeSignalDecoder.Decode("d", timed, Now).Value!.Id, NativeSignalDecoder.Decode("d", timed, Now.AddSeconds(5)).Value!.Id);
        Assert.NotEqual(NativeSignalDecoder.Decode("d", """{"type":"button"}"""u8, Now).Value!.Id, NativeSignalDecoder.Decode("d", """{"type":"button"}"""u8, Now).Value!.Id);
    }

    [Fact]
    public void Readings_without_a_time_of_their_own_stay_distinct()
    {
        var readings = NativeReadingDecoder.Decode("d", Encoding.UTF8.GetBytes(Samples[2]), Now).Value!;
        Assert.Equal(2, readings.Select(reading => reading.At).Distinct().Count());
    }

    [Fact]
    public void A_clock_that_is_far_off_is_not_believed()
    {
        var reading = Assert.Single(NativeReadingDecoder.Decode("d", """{"at":"1970-01-01T00:00:00Z","values":{"battery":1}}"""u8, Now).Value!);
        Assert.Equal(Now, reading.At);
    }
}
