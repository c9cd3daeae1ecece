using CareHub.Simulator.Devices;
using CareHub.Simulator.Scenarios;

namespace CareHub.Simulator.Tests.Support;

internal static class Some
{
    /// <summary>11:04 in the demo city.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 11, 22, 3, 4, 5, TimeSpan.Zero);

    /// <summary>Nothing befalls anybody.</summary>
    public static Scenario Nothing { get; } = new("nothing", [], [], Disaster: null);

    public static DeviceIdentity Identity(string kind, int number = 12) => new($"{kind}-{number:0000}", kind, "home-0012", "secret");

    public static Device Device(string kind, int seed = 1) => new(Identity(kind), seed, Start);

    public static IReadOnlyList<Device> Fleet(int count, int seed = 1) => [.. DeviceList.MadeUp(count).Select(identity => new Device(identity, seed, Start))];

    /// <summary>An act for one kind, once, a while after the start.</summary>
    public static Scenario Once(double seconds, string kind, Act act) => new("once", [], [new OpeningAct(TimeSpan.FromSeconds(seconds), kind, act)], Disaster: null);

    /// <summary>Everything a device does until then.</summary>
    public static List<DeviceEvent> Live(this Device device, TimeSpan until)
    {
        var events = new List<DeviceEvent>();
        device.Step(Start + until, events);
        return events;
    }

    public static List<DeviceEvent> Befall(this Device device, Act act, TimeSpan after)
    {
        var events = new List<DeviceEvent>();
        device.Step(Start + after, events);
        device.Befall(act, Start + after, events);
        return events;
    }
}
