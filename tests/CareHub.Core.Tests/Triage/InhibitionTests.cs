using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;

namespace CareHub.Core.Tests.Triage;

/// <summary>A cause covers what it explains: on record with its reason, and not annunciated while the cause stands.</summary>
public sealed class InhibitionTests
{
    [Fact]
    public void A_gateway_that_is_away_covers_the_devices_behind_it_and_no_others()
    {
        var site = new Site();
        Offline(site, "gw-1", DeviceKinds.Gateway);

        Offline(site, "smoke-1", gateway: "gw-1");
        Offline(site, "smoke-2", gateway: "gw-2");

        Assert.Equal(AlarmState.Suppressed, site.Open("smoke-1", SignalKind.Offline).State);
        Assert.Equal("rule:offline:by_design:home-1.1", site.Changes.Last(change => change.Alarm.DeviceId == "smoke-1").Entry.Reason);
        Assert.Equal(AlarmState.Unacknowledged, site.Open("smoke-2", SignalKind.Offline).State);
    }

    [Fact]
    public void A_gateway_is_missed_no_sooner_than_its_devices()
    {
        var site = new Site();
        Offline(site, "smoke-1", gateway: "gw-1");
        site.Now += TimeSpan.FromSeconds(30);

        Offline(site, "gw-1", DeviceKinds.Gateway);

        Assert.Equal(AlarmState.Suppressed, site.Open("smoke-1", SignalKind.Offline).State);
    }

    [Fact]
    public void When_the_gateway_is_back_the_devices_that_speak_are_closed_and_the_silent_ones_sound()
    {
        var site = new Site();
        Offline(site, "gw-1", DeviceKinds.Gateway);
        Offline(site, "smoke-1", gateway: "gw-1");
        Offline(site, "smoke-2", gateway: "gw-1");
        site.Lives(TimeSpan.FromHours(1));
        Assert.DoesNotContain(site.Changes, change => change.Alarm.DeviceId == "smoke-1" && change.Entry.Event == AlarmEvent.Escalated);

        site.Says(SignalKind.Online, "gw-1", DeviceKinds.Gateway);
        site.Says(SignalKind.Online, "smoke-1", DeviceKinds.SmokeDetector, gateway: "gw-1");
        site.Lives(TimeSpan.FromMinutes(2));

        Assert.False(site.State.Open.ContainsKey(new AlarmKey("smoke-1", SignalKind.Offline)));
        var silent = site.Open("smoke-2", SignalKind.Offline);
        Assert.Equal((AlarmState.Unacknowledged, Priority.Medium, site.Now), (silent.State, silent.Priority, silent.AnnunciatedAt));
    }

    [Fact]
    public void A_person_who_closes_the_cause_uncovers_what_it_explained()
    {
        var site = new Site();
        Offline(site, "gw-1", DeviceKinds.Gateway);
        Offline(site, "smoke-1", gateway: "gw-1");

        site.Does(new AlarmCommand.Resolve("home-1.1", 1, Site.LiQiang, Disposition.Technical, null));
        site.Lives(TimeSpan.FromMinutes(2));

        Assert.Equal(AlarmState.Unacknowledged, site.Only.State);
    }

    [Fact]
    public void A_power_cut_covers_mains_faults_of_the_whole_site_and_never_a_critical_alarm()
    {
        var site = new Site();
        site.Says(SignalKind.Fault, "power-1", DeviceKinds.PowerMonitor, resident: null);

        site.Says(SignalKind.Fault, "smoke-1", DeviceKinds.SmokeDetector, resident: null);
        site.Says(SignalKind.Smoke, "smoke-1", DeviceKinds.SmokeDetector, resident: null);

        Assert.Equal(AlarmState.Suppressed, site.Open("smoke-1", SignalKind.Fault).State);
        Assert.Equal(AlarmState.Unacknowledged, site.Open("smoke-1", SignalKind.Smoke).State);
    }

    private static void Offline(Site site, string device, string kind = DeviceKinds.SmokeDetector, string? gateway = null) =>
        site.Says(SignalKind.Offline, device, kind, source: SignalSource.Supervision, gateway: gateway, resident: null);
}
