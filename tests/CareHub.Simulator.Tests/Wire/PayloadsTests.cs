using System.Text;
using CareHub.Simulator.Devices;
using CareHub.Simulator.Tests.Support;
using CareHub.Simulator.Wire;

namespace CareHub.Simulator.Tests.Wire;

public sealed class PayloadsTests
{
    [Fact]
    public void A_signal_is_as_the_wire_format_says() =>
        Assert.Equal(
            """{"id":"01J","type":"fall","at":"2026-11-22T03:04:05.000Z","confidence":0.93,"zone":"bedroom"}""",
            Text(Payloads.Signal("01J", "fall", new SignalDetails("bedroom", 0.93), Some.Start, buffered: false)));

    [Fact]
    public void A_signal_that_was_held_back_says_so_and_one_that_takes_back_says_what() =>
        Assert.Equal(
            """{"id":"01J","type":"restore","at":"2026-11-22T03:04:05.000Z","of":"low_battery","value":100,"buffered":true}""",
            Text(Payloads.Signal("01J", "restore", new SignalDetails(Of: "low_battery", Value: 100), Some.Start.ToOffset(TimeSpan.FromHours(8)), buffered: true)));

    [Fact]
    public void One_sample_is_an_object_and_several_are_an_array()
    {
        TimedSample sample = new(Some.Start, [new Measurement("heart_rate", 71), new Measurement("temperature", 36.6)]);
        const string Json = """{"at":"2026-11-22T03:04:05.000Z","values":{"heart_rate":71,"temperature":36.6}}""";
        Assert.Equal(Json, Text(Payloads.Readings([sample])));
        Assert.Equal($"[{Json},{Json}]", Text(Payloads.Readings([sample, sample])));
    }

    [Fact]
    public void Status_says_whether_the_device_is_there()
    {
        Assert.Equal("""{"online":true,"firmware":"1.4.2","battery":88}""", Text(Payloads.Online(88)));
        Assert.Equal("""{"online":false}""", Text(Payloads.Offline));
    }

    private static string Text(ReadOnlyMemory<byte> payload) => Encoding.UTF8.GetString(payload.Span);
}
