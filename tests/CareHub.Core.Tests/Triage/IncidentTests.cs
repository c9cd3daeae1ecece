using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;

namespace CareHub.Core.Tests.Triage;

public sealed class IncidentTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_second_detector_within_60_s_confirms_the_fire_and_both_sound_anew()
    {
        var site = new Site();
        site.Says(SignalKind.Smoke, "smoke-1", resident: null);
        site.Does(new AlarmCommand.Acknowledge("home-1.1", 1, Site.LiQiang));
        site.Now += 60 * Second;

        site.Says(SignalKind.Heat, "heat-1", resident: null);

        Assert.All(site.State.Open.Values, alarm =>
        {
            Assert.Equal((IncidentKind.ConfirmedFire, "home-1.1"), (alarm.Incident, alarm.IncidentId));
            Assert.False(alarm.Acknowledged);
            Assert.Equal(site.Now, alarm.AnnunciatedAt);
        });
        Assert.Equal(2, site.Changes.Count(change => change.Entry is { Event: AlarmEvent.Confirmed, Reason: "coincidence:smoke-1+heat-1" }));
    }

    [Theory]
    [InlineData("the same detector")]
    [InlineData("too late")]
    [InlineData("returned meanwhile")]
    [InlineData("no fire")]
    public void Nothing_else_confirms_a_fire(string what)
    {
        var site = new Site();
        site.Says(SignalKind.Smoke, "smoke-1", resident: null);
        if (what == "returned meanwhile")
        {
            site.Says(SignalKind.Restore, "smoke-1");
        }

        site.Now += what == "too late" ? 61 * Second : 30 * Second;
        site.Says(what == "no fire" ? SignalKind.Water : SignalKind.Heat, what == "the same detector" ? "smoke-1" : "other-1", resident: null);

        Assert.DoesNotContain(site.State.Open.Values, alarm => alarm.Incident == IncidentKind.ConfirmedFire);
    }

    [Fact]
    public void A_detector_that_says_smoke_and_heat_takes_part_in_a_fire_with_both()
    {
        var site = new Site();
        site.Says(SignalKind.Smoke, "one", resident: null);
        site.Says(SignalKind.Smoke, "two", resident: null);
        site.Says(SignalKind.Restore, "one");
        site.Says(SignalKind.Restore, "two");
        site.Now += 120 * Second;
        site.Says(SignalKind.Smoke, "one", resident: null);
        site.Says(SignalKind.Heat, "one", resident: null);
        Assert.Equal(IncidentKind.Related, site.State.Open[new AlarmKey("one", SignalKind.Heat)].Incident);

        site.Says(SignalKind.Smoke, "three", resident: null);

        Assert.Equal(IncidentKind.ConfirmedFire, site.State.Open[new AlarmKey("one", SignalKind.Heat)].Incident);
        Assert.Equal(IncidentKind.ConfirmedFire, site.State.Open[new AlarmKey("three", SignalKind.Smoke)].Incident);
    }

    [Fact]
    public void A_third_detector_joins_the_fire_without_confirming_the_others_again()
    {
        var site = new Site();
        site.Says(SignalKind.Smoke, "smoke-1", resident: null);
        site.Says(SignalKind.Smoke, "smoke-2", resident: null);
        site.Now += 10 * Second;

        site.Says(SignalKind.Smoke, "smoke-3", resident: null);

        Assert.Equal(3, site.Changes.Count(change => change.Entry.Event == AlarmEvent.Confirmed));
        Assert.All(site.State.Open.Values, alarm => Assert.Equal("home-1.1", alarm.IncidentId));
    }

    [Fact]
    public void Alarms_of_one_person_within_10_min_are_one_incident()
    {
        var site = new Site();
        site.Says(SignalKind.Fall, "fall-1");
        site.Now += TimeSpan.FromMinutes(10);
        site.Says(SignalKind.Button, "btn-1");
        site.Now += TimeSpan.FromMinutes(11);
        site.Says(SignalKind.Vital, "vital-1");

        Assert.Equal(["home-1.1", "home-1.1", "home-1.3"], site.State.Open.Values.OrderBy(alarm => alarm.Number).Select(alarm => alarm.IncidentId));
        Assert.Equal(IncidentKind.Related, site.Open("btn-1", SignalKind.Button).Incident);
    }

    [Fact]
    public void In_a_storm_the_site_has_one_incident_and_critical_alarms_stay_themselves()
    {
        var site = new Site();
        for (var device = 1; device <= 30; device++)
        {
            site.Says(SignalKind.Fault, $"d{device}", DeviceKinds.DoorSensor, resident: null);
        }

        site.Says(SignalKind.Button, "btn-1");

        var storm = site.State.Open.Values.Where(alarm => alarm.Incident == IncidentKind.Storm).ToList();
        Assert.Equal(20, storm.Count);
        Assert.Equal("home-1.11", Assert.Single(storm.Select(alarm => alarm.IncidentId).Distinct()));
        Assert.Equal(IncidentKind.Single, site.Open("btn-1", SignalKind.Button).Incident);
        Assert.Equal(AlarmState.Unacknowledged, site.Open("btn-1", SignalKind.Button).State);
    }

    [Fact]
    public void A_condition_that_comes_and_goes_becomes_one_chattering_alarm_until_it_is_calm()
    {
        var site = new Site();
        for (var time = 0; time < 20; time++)
        {
            site.Says(SignalKind.Fault, "door-1", DeviceKinds.DoorSensor);
            site.Now += 5 * Second;
            site.Says(SignalKind.Restore, "door-1", DeviceKinds.DoorSensor);
            site.Now += 5 * Second;
        }

        // Five came and went as usual; the sixth stays.
        Assert.Equal(6, site.State.LastNumber);
        Assert.True(site.Only.Chattering);
        Assert.Equal(15, site.Only.Count);

        site.Lives(TimeSpan.FromMinutes(11));

        Assert.Empty(site.State.Open);
        Assert.Equal([AlarmEvent.Calmed, AlarmEvent.AutoClosed], site.Changes.TakeLast(2).Select(change => change.Entry.Event));
    }

    [Fact]
    public void A_chattering_alarm_does_not_sound_at_each_return_unless_it_is_critical()
    {
        var tamper = new Site();
        var smoke = new Site();
        foreach (var (site, kind) in new[] { (tamper, SignalKind.Tamper), (smoke, SignalKind.Smoke) })
        {
            for (var time = 0; time < 8; time++)
            {
                site.Says(kind, "d1");
                site.Now += Second;
                site.Says(SignalKind.Restore, "d1");
                site.Now += Second;
            }

            site.Does(new AlarmCommand.Acknowledge("home-1.1", site.Only.Version, Site.LiQiang));
            site.Says(kind, "d1");
            Assert.True(site.Only.Chattering);
        }

        Assert.True(tamper.Only.Acknowledged);
        Assert.False(smoke.Only.Acknowledged);
    }

    [Fact]
    public void A_suspected_fall_rises_when_the_device_becomes_sure()
    {
        var site = new Site();
        site.Says(SignalKind.Fall, confidence: 0.3);
        Assert.Equal(Priority.High, site.Only.Priority);
        site.Does(new AlarmCommand.Acknowledge("home-1.1", 1, Site.LiQiang));
        site.Now += Second;

        site.Says(SignalKind.Fall, confidence: 0.9);
        site.Says(SignalKind.Fall, confidence: 0.1);

        Assert.Equal((Priority.Critical, false, "critical"), (site.Only.Priority, site.Only.Acknowledged, site.Only.Policy));
        Assert.Equal("rule:fall:high_to_critical", Assert.Single(site.Changes, change => change.Entry.Event == AlarmEvent.Reprioritised).Entry.Reason);
    }
}
