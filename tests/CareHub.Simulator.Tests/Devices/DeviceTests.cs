using CareHub.Simulator.Devices;
using CareHub.Simulator.Tests.Support;

namespace CareHub.Simulator.Tests.Devices;

public sealed class DeviceTests
{
    public static TheoryData<string> Kinds => [.. typeof(DeviceKinds).GetFields().Select(kind => (string)kind.GetRawConstantValue()!), "of_a_kind_nobody_knows"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_same_seed_is_the_same_day(string kind)
    {
        Assert.Equal(Text(Day(kind, 7)), Text(Day(kind, 7)));
        Assert.NotEqual(Text(Day(kind, 7)), Text(Day(kind, 8)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void How_often_it_is_looked_at_changes_nothing(string kind)
    {
        var often = Some.Device(kind);
        var events = new List<DeviceEvent>();
        for (var minute = 1; minute <= 120; minute++)
            often.Step(Some.Start.AddMinutes(minute), events);
        Assert.Equal(Text(Some.Device(kind).Live(TimeSpan.FromHours(2))), Text(events));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_says_every_minute_that_it_lives(string kind)
    {
        var beats = Some.Device(kind).Live(TimeSpan.FromHours(1)).OfType<DeviceEvent.Heartbeat>().ToList();
        Assert.Equal(60, beats.Count);
        Assert.All(beats.Zip(beats.Skip(1)), pair => Assert.Equal(Device.HeartbeatInterval, pair.Second.At - pair.First.At));
        Assert.All(beats, beat => Assert.InRange(beat.BatteryPercent, 1, 100));
    }

    [Fact]
    public void A_heart_rate_is_a_persons_and_does_not_jump()
    {
        var rates = Values(Some.Device(DeviceKinds.VitalMonitor).Live(TimeSpan.FromHours(24)), "heart_rate");
        Assert.Equal(8_640, rates.Count);
        Assert.All(rates, rate => Assert.InRange(rate, 40, 110));
        Assert.All(rates.Zip(rates.Skip(1)), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 6));
        Assert.True(rates.Max() - rates.Min() >= 10, "there is a day and a night");
    }

    [Fact]
    public void A_signal_and_its_readings_tell_one_story()
    {
        var device = Some.Device(DeviceKinds.VitalMonitor);
        var signal = device.Befall(Act.Alarm, TimeSpan.FromMinutes(1)).OfType<DeviceEvent.Signal>().Single();
        Assert.Equal("vital", signal.Type);
        var during = Values(device.Live(TimeSpan.FromSeconds(100)), "heart_rate");
        Assert.All(during, rate => Assert.InRange(rate, 100, 180));
    }

    [Fact]
    public void A_button_that_is_pressed_says_so_at_once_and_sometimes_again()
    {
        var again = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var device = Some.Device(DeviceKinds.EmergencyButton, seed);
            Assert.Equal(["button"], Types(device.Befall(Act.Alarm, TimeSpan.FromSeconds(30))));
            again += Types(device.Live(TimeSpan.FromMinutes(5))).Count(type => type == "button");
        }

        Assert.InRange(again, 40, 80);
    }

    [Fact]
    public void Most_falls_are_cancelled_and_in_time()
    {
        var cancelled = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var device = Some.Device(DeviceKinds.FallSensor, seed);
            var fall = device.Befall(Act.Alarm, TimeSpan.FromSeconds(30)).OfType<DeviceEvent.Signal>().Single();
            Assert.InRange(fall.Details.Confidence!.Value, 0.7, 1);
            foreach (var cancel in device.Live(TimeSpan.FromMinutes(10)).OfType<DeviceEvent.Signal>())
            {
                Assert.Equal(("cancel", "fall"), (cancel.Type, cancel.Details.Of));
                Assert.InRange((cancel.At - fall.At).TotalSeconds, 1, 20);
                cancelled++;
            }
        }

        Assert.InRange(cancelled, 100, 140);
    }

    [Theory]
    [InlineData(DeviceKinds.SmokeDetector, "smoke")]
    [InlineData(DeviceKinds.CoDetector, "co")]
    [InlineData(DeviceKinds.GasDetector, "gas")]
    [InlineData(DeviceKinds.DoorSensor, "door")]
    [InlineData(DeviceKinds.BedSensor, "bed_exit")]
    public void What_begins_ends_with_a_restore_and_does_not_begin_twice(string kind, string type)
    {
        var device = Some.Device(kind);
        Assert.Equal([type], Types(device.Befall(Act.Alarm, TimeSpan.FromMinutes(1))));
        Assert.Empty(Types(device.Befall(Act.Alarm, TimeSpan.FromMinutes(1))));
        var restore = device.Live(TimeSpan.FromHours(1)).OfType<DeviceEvent.Signal>().Single();
        Assert.Equal(("restore", type), (restore.Type, restore.Details.Of));
        Assert.Equal([type], Types(device.Befall(Act.Alarm, TimeSpan.FromHours(2))));
    }

    [Fact]
    public void A_battery_that_ends_is_changed()
    {
        var device = Some.Device(DeviceKinds.EmergencyButton);
        Assert.Equal(["low_battery"], Types(device.Befall(Act.BatteryEnds, TimeSpan.FromMinutes(1))));
        Assert.Equal(14, device.BatteryPercent);
        Assert.Equal(["restore"], Types(device.Live(TimeSpan.FromHours(1))));
        Assert.Equal(100, device.BatteryPercent);
    }

    [Fact]
    public void A_battery_drains_until_it_complains_by_itself()
    {
        var types = Types(Some.Device(DeviceKinds.EmergencyButton).Live(TimeSpan.FromDays(150)));
        Assert.Equal(["low_battery", "restore"], types);
    }

    [Fact]
    public void A_device_that_loses_its_link_goes_on_living_and_comes_back()
    {
        var device = Some.Device(DeviceKinds.SmokeDetector);
        Assert.IsType<DeviceEvent.LinkLost>(device.Befall(Act.LinkLost, TimeSpan.Zero).Single());
        Assert.Empty(device.Befall(Act.LinkLost, TimeSpan.FromSeconds(1)).OfType<DeviceEvent.LinkLost>());
        Assert.Equal(["smoke"], Types(device.Befall(Act.Alarm, TimeSpan.FromSeconds(2))));
        var back = device.Live(TimeSpan.FromMinutes(3)).OfType<DeviceEvent.LinkBack>().Single();
        Assert.InRange((back.At - Some.Start).TotalSeconds, 15, 120);
    }

    private static List<DeviceEvent> Day(string kind, int seed)
    {
        var device = Some.Device(kind, seed);
        var events = new List<DeviceEvent>();
        foreach (var act in Enum.GetValues<Act>().Where(device.Knows))
            device.Befall(act, Some.Start, events);
        device.Step(Some.Start.AddHours(24), events);
        return events;
    }

    private static string Text(IEnumerable<DeviceEvent> events) => string.Join(
        '\n',
        events.Select(happened => happened is DeviceEvent.Sample sample ? $"{sample.At:O} {string.Join(',', sample.Values)}" : happened.ToString()));

    private static List<string> Types(IEnumerable<DeviceEvent> events) => [.. events.OfType<DeviceEvent.Signal>().Select(signal => signal.Type)];

    private static List<double> Values(IEnumerable<DeviceEvent> events, string name) =>
        [.. events.OfType<DeviceEvent.Sample>().Select(sample => sample.Values.First(value => value.Name == name).Value)];
}
