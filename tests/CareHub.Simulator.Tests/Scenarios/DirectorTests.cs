using CareHub.Simulator.Devices;
using CareHub.Simulator.Scenarios;
using CareHub.Simulator.Tests.Support;

namespace CareHub.Simulator.Tests.Scenarios;

public sealed class DirectorTests
{
    private static readonly HashSet<string> Critical = [DeviceKinds.EmergencyButton, DeviceKinds.FallSensor, DeviceKinds.SmokeDetector, DeviceKinds.CoDetector, DeviceKinds.GasDetector];

    [Fact]
    public void Seed_and_fleet_give_the_day_however_often_it_is_looked_at()
    {
        var whole = Acts(Scenario.Day, TimeSpan.FromHours(6));
        Assert.Equal(whole, Acts(Scenario.Day, TimeSpan.FromHours(6), looks: 5_000));
        Assert.NotEqual(whole, Acts(Scenario.Day, TimeSpan.FromHours(6), seed: 2));
    }

    [Fact]
    public void A_quiet_city_has_one_or_two_alarms_a_minute()
    {
        var acts = Acts(Scenario.Quiet, TimeSpan.FromDays(7));
        Assert.InRange(acts.Count / (7 * 24 * 60.0), 1, 2);
    }

    [Fact]
    public void A_day_is_mostly_low_and_medium_with_something_critical_every_minute_or_two()
    {
        var acts = Acts(Scenario.Day, TimeSpan.FromDays(7));
        var critical = acts.Count(IsCritical);
        Assert.InRange(7 * 24 * 60.0 / critical, 1, 2);
        Assert.InRange(critical / (double)acts.Count, 0.1, 0.3);
    }

    [Fact]
    public void A_day_begins_with_something_to_see_and_an_emergency_within_15_seconds()
    {
        var acts = Acts(Scenario.Day, TimeSpan.FromSeconds(15));
        Assert.Contains(acts, IsCritical);
        Assert.True(acts.Count >= 3);
    }

    [Fact]
    public void Nights_are_other_than_days()
    {
        var acts = Acts(Scenario.Day, TimeSpan.FromDays(30));
        double Share(string kind, Func<double, bool> hours)
        {
            var ofKind = acts.Where(act => act.Kind == kind && act.Act == Act.Alarm).ToList();
            return ofKind.Count(act => hours(Curve.LocalHour(act.At))) / (double)ofKind.Count;
        }

        Assert.True(Share(DeviceKinds.BedSensor, hour => hour is >= 21 or < 7) > 0.6);
        Assert.True(Share(DeviceKinds.DoorSensor, hour => hour is >= 7 and < 22) > 0.8);
    }

    [Fact]
    public void A_storm_hits_hundreds_within_seconds_and_comes_again()
    {
        var acts = Acts(Scenario.Storm, TimeSpan.FromMinutes(4));
        int Between(double from, double to) => acts.Count(act => act.Act == Act.Alarm && (act.At - Some.Start).TotalSeconds is var s && s >= from && s < to);
        Assert.InRange(Between(0, 10), 0, 5);
        Assert.InRange(Between(10, 15), 250, 400);
        Assert.InRange(Between(130, 135), 250, 400);
        Assert.InRange(acts.Count(act => act.Act == Act.LinkLost), 80, 240);
    }

    [Fact]
    public void A_larger_city_is_busier_and_a_tiny_one_not_dead()
    {
        var thousand = Acts(Scenario.Day, TimeSpan.FromDays(1)).Count;
        Assert.InRange(Acts(Scenario.Day, TimeSpan.FromDays(1), devices: 5_000).Count / (double)thousand, 4.5, 5.5);
        Assert.InRange(Acts(Scenario.Day, TimeSpan.FromDays(1), devices: 20).Count / (double)thousand, 0.1, 0.3);
    }

    private static bool IsCritical((DateTimeOffset At, string Kind, Act Act, int Device) act) => act.Act == Act.Alarm && Critical.Contains(act.Kind);

    private static List<(DateTimeOffset At, string Kind, Act Act, int Device)> Acts(Scenario scenario, TimeSpan length, int seed = 1, int devices = 1_000, int looks = 1)
    {
        var fleet = Some.Fleet(devices, seed);
        var director = new Director(scenario, fleet, seed, Some.Start);
        var acts = new List<(DateTimeOffset, string, Act, int)>();
        for (var look = 1; look <= looks; look++)
        {
            while (director.TryNext(Some.Start + (length * look / looks), out var befalling))
                acts.Add((befalling.At, fleet[befalling.Device].Identity.Kind, befalling.Act, befalling.Device));
        }

        return acts;
    }
}
