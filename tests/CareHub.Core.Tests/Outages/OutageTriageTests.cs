using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Outages;
using CareHub.Core.Signals;
using CareHub.Core.Tests.Triage;

namespace CareHub.Core.Tests.Outages;

public sealed class OutageTriageTests
{
    private const string Outage = "~north.1";

    private readonly Site _site = new();

    [Fact]
    public void Silence_in_an_outage_is_on_record_and_explained_by_it()
    {
        Offline("before");
        Begin();
        Offline("after");
        _site.Says(SignalKind.Smoke, "detector", DeviceKinds.SmokeDetector);

        foreach (var device in new[] { "before", "after" })
        {
            var alarm = _site.Open(device, SignalKind.Offline);
            Assert.Equal((AlarmState.Suppressed, Outage), (alarm.State, alarm.Suppression!.Cause));
        }

        Assert.Equal(AlarmState.Unacknowledged, _site.Open("detector", SignalKind.Smoke).State);
    }

    [Fact]
    public void Silence_that_somebody_has_taken_up_or_that_is_older_stays_an_alarm()
    {
        Offline("older");
        _site.Now += TimeSpan.FromMinutes(3);
        Offline("taken");
        _site.Does(new AlarmCommand.Acknowledge(_site.Open("taken", SignalKind.Offline).Id, 1, Site.LiQiang));

        Begin();

        Assert.Null(_site.Open("older", SignalKind.Offline).Suppression);
        Assert.Null(_site.Open("taken", SignalKind.Offline).Suppression);
    }

    [Fact]
    public void When_it_is_over_who_is_back_is_quiet_and_who_is_still_silent_is_missed_after_the_grace()
    {
        Begin();
        Offline("back");
        Offline("gone");

        _site.Does(new AlarmCommand.EndOutage(Outage, OutageTriage.Author));
        _site.Says(SignalKind.Online, "back", DeviceKinds.SmokeDetector);
        _site.Lives(TimeSpan.FromMinutes(4));
        Assert.Equal(AlarmState.Suppressed, _site.Open("gone", SignalKind.Offline).State);
        _site.Lives(TimeSpan.FromMinutes(1));

        Assert.False(_site.State.Open.ContainsKey(new AlarmKey("back", SignalKind.Offline)));
        Assert.Equal((AlarmState.Unacknowledged, Priority.Medium), (_site.Only.State, _site.Only.Priority));
    }

    [Fact]
    public void To_be_told_twice_or_of_an_outage_that_is_not_its_own_changes_nothing()
    {
        Begin();
        var before = _site.State;

        Begin();
        Assert.Equal(CommandOutcome.NotFound, _site.Does(new AlarmCommand.EndOutage("~south.1", OutageTriage.Author)).Outcome);

        Assert.Same(before, _site.State);
    }

    private void Begin() => _site.Does(new AlarmCommand.BeginOutage(Outage, OutageTriage.Author));

    private void Offline(string device) => _site.Says(SignalKind.Offline, device, DeviceKinds.SmokeDetector, source: SignalSource.Supervision, resident: null);
}
