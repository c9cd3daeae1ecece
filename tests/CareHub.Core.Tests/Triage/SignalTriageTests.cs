using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Core.Tests.Triage;

public sealed class SignalTriageTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_fall_cancelled_within_20_s_becomes_a_closed_false_alarm_whose_record_stays()
    {
        var site = new Site();
        site.Says(SignalKind.Fall);
        Assert.Equal(site.Now + TimeSpan.FromSeconds(20), site.Only.VerifyUntil);

        site.Now += 20 * Second;
        var decision = site.Says(SignalKind.Cancel);

        Assert.Equal(SignalOutcome.Cancelled, decision.Outcome);
        Assert.Empty(site.State.Open);
        Assert.Equal(Disposition.False, site.Latest.Disposition);
        Assert.Equal([AlarmEvent.Raised, AlarmEvent.Cancelled], site.Changes.Select(change => change.Entry.Event));
    }

    [Fact]
    public void A_cancel_that_comes_too_late_is_told_and_closes_nothing()
    {
        var site = new Site();
        site.Says(SignalKind.Fall);
        site.Passes(21 * Second);

        Assert.Equal(SignalOutcome.CancelledLate, site.Says(SignalKind.Cancel).Outcome);
        Assert.True(site.Only.IsOpen);
        Assert.Contains(site.Changes, change => change.Entry.Event == AlarmEvent.Verified);
    }

    [Fact]
    public void A_button_cannot_be_cancelled()
    {
        var site = new Site();
        site.Says(SignalKind.Button);

        Assert.Equal(SignalOutcome.CancelledLate, site.Says(SignalKind.Cancel, of: SignalKind.Button).Outcome);
        Assert.True(site.Only.Active);
    }

    [Fact]
    public void Smoke_returns_and_stays_until_a_person_closes_it()
    {
        var site = new Site();
        site.Says(SignalKind.Smoke);

        site.Says(SignalKind.Restore, of: SignalKind.Smoke);

        Assert.Equal(AlarmState.ReturnedUnacknowledged, site.Only.State);
    }

    [Fact]
    public void A_condition_that_comes_back_sounds_again_even_when_it_was_acknowledged()
    {
        var site = new Site();
        site.Says(SignalKind.Smoke);
        site.Does(new AlarmCommand.Acknowledge("home-1.1", 1, Site.LiQiang));
        site.Says(SignalKind.Restore);
        site.Now += Second;

        Assert.Equal(SignalOutcome.Reactivated, site.Says(SignalKind.Smoke).Outcome);
        Assert.Equal(AlarmState.Unacknowledged, site.Only.State);
        Assert.Equal(site.Now, site.Only.AnnunciatedAt);
        Assert.Equal(2, site.Only.Count);
    }

    [Fact]
    public void A_restore_that_names_nothing_returns_every_condition_of_that_device_alone()
    {
        var site = new Site();
        site.Says(SignalKind.Smoke, "a");
        site.Says(SignalKind.Tamper, "a");
        site.Says(SignalKind.Smoke, "b");

        site.Says(SignalKind.Restore, "a");

        Assert.Equal([false, false, true], site.State.Open.Values.OrderBy(alarm => alarm.Number).Select(alarm => alarm.Active));
    }

    [Theory]
    [InlineData("button")]
    [InlineData("fall")]
    public void What_a_person_did_latches(string word)
    {
        var site = new Site();
        Assert.True(Words<SignalKind>.TryParse(word, out var kind));
        site.Says(kind);

        site.Says(SignalKind.Restore, of: kind);

        Assert.True(site.Only.Active);
    }

    [Fact]
    public void A_low_technical_alarm_closes_itself_when_restored()
    {
        var site = new Site();
        site.Says(SignalKind.LowBattery);

        site.Says(SignalKind.Restore, of: SignalKind.LowBattery);

        Assert.Empty(site.State.Open);
        Assert.Equal([AlarmEvent.Raised, AlarmEvent.Returned, AlarmEvent.AutoClosed], site.Changes.Select(change => change.Entry.Event));
        Assert.Equal(Author.Hub, site.Latest.ClosedBy);
    }

    [Fact]
    public void Repeats_count_and_never_make_a_second_alarm()
    {
        var site = new Site();
        for (var press = 0; press < 5; press++)
        {
            site.Says(SignalKind.Button);
        }

        Assert.Equal(5, site.Only.Count);
    }

    [Fact]
    public void A_press_long_after_the_acknowledgement_is_a_new_call_for_help()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Does(new AlarmCommand.Acknowledge("home-1.1", 1, Site.LiQiang));

        site.Now += 59 * Second;
        site.Says(SignalKind.Button);
        Assert.True(site.Only.Acknowledged);

        site.Now += Second;
        site.Says(SignalKind.Button);
        Assert.False(site.Only.Acknowledged);
    }

    [Fact]
    public void A_detector_that_goes_on_saying_smoke_does_not_undo_the_acknowledgement()
    {
        var site = new Site();
        site.Says(SignalKind.Smoke);
        site.Does(new AlarmCommand.Acknowledge("home-1.1", 1, Site.LiQiang));
        site.Now += TimeSpan.FromMinutes(10);

        site.Says(SignalKind.Smoke);

        Assert.True(site.Only.Acknowledged);
    }

    [Fact]
    public void A_broken_connection_is_raised_after_its_delay_and_a_blip_never()
    {
        var site = new Site();
        Assert.Equal(SignalOutcome.Pending, site.Says(SignalKind.Offline, source: SignalSource.Will).Outcome);
        Assert.Equal(site.Now + (10 * Second), site.NextDeadline);
        site.Passes(9 * Second);
        Assert.Equal(SignalOutcome.Blip, site.Says(SignalKind.Online).Outcome);
        site.Passes(60 * Second);
        Assert.Empty(site.Changes);

        site.Says(SignalKind.Offline, source: SignalSource.Will);
        site.Passes(10 * Second);
        Assert.Equal(SignalKind.Offline, site.Only.Kind);
        Assert.Equal(site.Now + TimeSpan.FromMinutes(15), site.NextDeadline); // nobody has answered: the first tier of a medium alarm
    }

    [Fact]
    public void A_restore_of_smoke_says_nothing_about_the_connection()
    {
        var site = new Site();
        site.Says(SignalKind.Offline, deviceKind: DeviceKinds.SmokeDetector, source: SignalSource.Supervision);

        site.Says(SignalKind.Restore, deviceKind: DeviceKinds.SmokeDetector);

        Assert.True(site.Only.Active);
    }

    [Fact]
    public void A_buffered_fall_of_an_hour_ago_is_raised_now_and_dated_then()
    {
        var site = new Site();
        var then = site.Now - TimeSpan.FromHours(1);

        site.Says(SignalKind.Fall, occurredAt: then);

        Assert.Equal(then, site.Only.OccurredAt);
        Assert.Equal(site.Now, site.Only.RaisedAt);
        Assert.Null(site.Only.VerifyUntil);
    }
}
