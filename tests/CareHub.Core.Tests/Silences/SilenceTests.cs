using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Silences;
using CareHub.Core.Tests.Triage;
using CareHub.Core.Triage;

namespace CareHub.Core.Tests.Silences;

public sealed class SilenceTests
{
    [Fact]
    public void A_shelf_silences_what_is_open_and_what_comes_and_ends_by_itself()
    {
        var site = new Site();
        site.Says(SignalKind.BedExit, "bed-1");
        var shelf = Shelve(site, "bed-1", null, TimeSpan.FromHours(2));
        site.Says(SignalKind.Tamper, "bed-1");
        Assert.All(site.State.Open.Values, alarm => Assert.Equal(AlarmState.Shelved, alarm.State));

        site.Lives(TimeSpan.FromHours(2));

        Assert.All(site.State.Open.Values, alarm => Assert.Equal((AlarmState.Unacknowledged, site.Now), (alarm.State, alarm.AnnunciatedAt)));
        Assert.Empty(site.State.Memory.Shelves);
        Assert.Equal([AlarmEvent.Shelved, AlarmEvent.Unshelved], site.Notes.Where(note => note.AlarmId == shelf.SilenceId).Select(note => note.Event));
        Assert.Equal("换床垫", site.Notes[0].Note);
    }

    [Fact]
    public void A_shelf_hides_no_critical_alarm_of_its_device()
    {
        var site = new Site();
        site.Says(SignalKind.Button, "btn-1");

        Shelve(site, "btn-1", null, TimeSpan.FromHours(1));
        site.Says(SignalKind.Fall, "btn-1");

        Assert.All(site.State.Open.Values, alarm => Assert.Equal(AlarmState.Unacknowledged, alarm.State));
    }

    [Fact]
    public void A_suspicion_may_be_shelved_and_sounds_at_once_when_it_becomes_certain()
    {
        var site = new Site();
        Shelve(site, "fall-1", null, TimeSpan.FromHours(1));
        site.Says(SignalKind.Fall, "fall-1", DeviceKinds.FallSensor, confidence: 0.3);
        Assert.Equal((AlarmState.Shelved, Priority.High), (site.Only.State, site.Only.Priority));
        site.Now += TimeSpan.FromMinutes(10);

        site.Says(SignalKind.Fall, "fall-1", DeviceKinds.FallSensor, confidence: 0.95);

        Assert.Equal((AlarmState.Unacknowledged, Priority.Critical, site.Now, "critical"), (site.Only.State, site.Only.Priority, site.Only.AnnunciatedAt, site.Only.Policy));
        Assert.Equal([AlarmEvent.Repeated, AlarmEvent.Unsuppressed, AlarmEvent.Reprioritised], site.Changes.TakeLast(3).Select(change => change.Entry.Event));
        Assert.Single(site.State.Memory.Shelves);
    }

    [Fact]
    public void What_becomes_graver_while_its_device_is_out_of_service_stays_quiet_and_comes_back_as_grave_as_it_is()
    {
        var site = new Site();
        var maintenance = Begin(site, MaintenanceMode.OutOfService, "fall-1", TimeSpan.FromDays(1));
        site.Says(SignalKind.Fall, "fall-1", DeviceKinds.FallSensor, confidence: 0.3);

        site.Says(SignalKind.Fall, "fall-1", DeviceKinds.FallSensor, confidence: 0.95);
        Assert.Equal((AlarmState.OutOfService, Priority.Critical), (site.Only.State, site.Only.Priority));

        site.Does(new AlarmCommand.EndMaintenance(maintenance.SilenceId!, Site.WangMin, "repaired"));
        Assert.Equal((AlarmState.Unacknowledged, Priority.Critical), (site.Only.State, site.Only.Priority));
    }

    [Theory]
    [InlineData(null, "smoke", 1)]
    [InlineData(null, "button", 1)]
    [InlineData("smoke-1", "gas", 1)]
    [InlineData(null, null, 1)]
    [InlineData("bed-1", "bed_exit", 9)]
    [InlineData("bed-1", "bed_exit", 0)]
    public void Fire_life_everything_and_forever_cannot_be_shelved(string? device, string? word, int hours)
    {
        var site = new Site();
        SignalKind? kind = word is not null && Words<SignalKind>.TryParse(word, out var parsed) ? parsed : null;

        Assert.Equal(CommandOutcome.NotAllowed, Shelve(site, device, kind, TimeSpan.FromHours(hours)).Outcome);
        Assert.Empty(site.State.Memory.Shelves);
    }

    [Fact]
    public void Unshelving_brings_back_what_stands_and_leaves_quiet_what_has_returned()
    {
        var site = new Site();
        site.Says(SignalKind.Tamper, "bed-1");
        site.Says(SignalKind.BedExit, "bed-1");
        var shelf = Shelve(site, "bed-1", null, TimeSpan.FromHours(2));
        site.Says(SignalKind.Restore, "bed-1", of: SignalKind.Tamper);
        site.Now += TimeSpan.FromMinutes(5);

        site.Does(new AlarmCommand.Unshelve(shelf.SilenceId!, Site.WangMin, "done"));

        Assert.Equal(AlarmState.ReturnedUnacknowledged, site.Open("bed-1", SignalKind.Tamper).State);
        Assert.NotEqual(site.Now, site.Open("bed-1", SignalKind.Tamper).AnnunciatedAt);
        Assert.Equal(site.Now, site.Open("bed-1", SignalKind.BedExit).AnnunciatedAt);
    }

    [Fact]
    public void A_walk_test_counts_what_is_set_off_alarms_nothing_and_ends_by_itself()
    {
        var site = new Site();
        var test = Begin(site, MaintenanceMode.WalkTest, null, TimeSpan.FromHours(1));

        Assert.Equal(SignalOutcome.Tested, site.Says(SignalKind.Smoke, "smoke-1").Outcome);
        Assert.Equal(SignalOutcome.Tested, site.Says(SignalKind.Test, "smoke-2").Outcome);
        Assert.Empty(site.State.Open);
        Assert.Equal(2, site.State.Memory.Maintenance[test.SilenceId!].Tests);

        site.Lives(TimeSpan.FromHours(1));
        Assert.Equal("walk_test:time_over:tests:2", site.Notes[^1].Reason);
        Assert.Equal(SignalOutcome.Raised, site.Says(SignalKind.Smoke, "smoke-1").Outcome);
    }

    [Fact]
    public void In_a_walk_test_the_hub_still_misses_who_has_gone_silent_and_old_alarms_stay()
    {
        var site = new Site();
        site.Says(SignalKind.Button, "btn-1");
        Begin(site, MaintenanceMode.WalkTest, null, TimeSpan.FromHours(1));

        site.Says(SignalKind.Offline, "smoke-1", DeviceKinds.SmokeDetector, source: SignalSource.Supervision);

        Assert.Equal(2, site.State.Open.Count);
        Assert.Equal(AlarmState.Unacknowledged, site.Open("btn-1", SignalKind.Button).State);
    }

    [Fact]
    public void What_a_device_says_out_of_service_is_on_record_and_sounds_when_it_is_back_if_it_still_stands()
    {
        var site = new Site();
        var maintenance = Begin(site, MaintenanceMode.OutOfService, "smoke-1", TimeSpan.FromDays(7));
        site.Says(SignalKind.Smoke, "smoke-1");
        Assert.Equal(AlarmState.OutOfService, site.Only.State);
        site.Lives(TimeSpan.FromDays(1));
        Assert.DoesNotContain(site.Changes, change => change.Entry.Event == AlarmEvent.Escalated);

        site.Does(new AlarmCommand.EndMaintenance(maintenance.SilenceId!, Site.WangMin, "renovated"));

        Assert.Equal((AlarmState.Unacknowledged, site.Now), (site.Only.State, site.Only.AnnunciatedAt));
    }

    [Theory]
    [InlineData("walk_test", "site", 5)]
    [InlineData("out_of_service", "site", 1)]
    [InlineData("out_of_service", "d1", 24 * 31)]
    public void Maintenance_has_bounds(string word, string of, int hours)
    {
        var site = new Site();
        Assert.True(Words<MaintenanceMode>.TryParse(word, out var mode));

        Assert.Equal(CommandOutcome.NotAllowed, Begin(site, mode, of == "site" ? null : of, TimeSpan.FromHours(hours)).Outcome);
    }

    [Fact]
    public void A_site_holds_64_silences_and_no_more()
    {
        var site = new Site();
        for (var i = 0; i < SilenceTriage.PerSiteMax; i++)
        {
            Assert.Equal(CommandOutcome.Done, Shelve(site, $"d{i}", null, TimeSpan.FromHours(1)).Outcome);
        }

        Assert.Equal(CommandOutcome.NotAllowed, Shelve(site, "one-more", null, TimeSpan.FromHours(1)).Outcome);
    }

    private static CommandResult Shelve(Site site, string? device, SignalKind? kind, TimeSpan time) =>
        site.Does(new AlarmCommand.Shelve(device, kind, Site.LiQiang, "换床垫", site.Now + time));

    private static CommandResult Begin(Site site, MaintenanceMode mode, string? device, TimeSpan time) =>
        site.Does(new AlarmCommand.BeginMaintenance(mode, device, Site.LiQiang, "installation", site.Now + time));
}
