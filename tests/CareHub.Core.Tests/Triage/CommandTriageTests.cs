using CareHub.Core.Alarms;
using CareHub.Core.Signals;

namespace CareHub.Core.Tests.Triage;

public sealed class CommandTriageTests
{
    private const string Id = "home-1.1";

    private static Site Pressed()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        return site;
    }

    [Fact]
    public void Of_two_who_claim_exactly_one_wins_and_the_other_learns_who()
    {
        var site = Pressed();

        Assert.Equal(CommandOutcome.Done, site.Does(new AlarmCommand.Claim(Id, 1, Site.LiQiang)).Outcome);
        var lost = site.Does(new AlarmCommand.Claim(Id, 1, Site.WangMin));

        Assert.Equal(CommandOutcome.AlreadyClaimed, lost.Outcome);
        Assert.Equal("li.qiang", lost.Alarm!.ClaimedBy!.Value.User);
    }

    [Fact]
    public void Acknowledge_covers_only_what_the_operator_had_seen()
    {
        var site = Pressed();
        site.Does(new AlarmCommand.Acknowledge(Id, 1, Site.LiQiang));
        site.Now += TimeSpan.FromMinutes(2);
        site.Says(SignalKind.Button);
        var sounding = site.Only.Version;

        Assert.Equal(CommandOutcome.VersionConflict, site.Does(new AlarmCommand.Acknowledge(Id, sounding - 1, Site.WangMin)).Outcome);
        Assert.False(site.Only.Acknowledged);
        Assert.Equal(CommandOutcome.Done, site.Does(new AlarmCommand.Acknowledge(Id, sounding, Site.WangMin)).Outcome);
    }

    [Fact]
    public void A_second_press_that_the_resolver_has_not_seen_is_not_closed_with_the_first()
    {
        var site = Pressed();
        site.Says(SignalKind.Button);

        Assert.Equal(CommandOutcome.VersionConflict, site.Does(new AlarmCommand.Resolve(Id, 1, Site.LiQiang, Disposition.False, null)).Outcome);
        Assert.True(site.Only.IsOpen);
    }

    [Fact]
    public void Sightings_silences_and_notes_stand_in_nobodys_way()
    {
        var site = Pressed();
        site.Does(new AlarmCommand.Seen(Id, 0, Site.WangMin));
        site.Does(new AlarmCommand.Silence(Id, 0, Site.WangMin, 60));
        site.Does(new AlarmCommand.AddNote(Id, 0, Site.WangMin, "called back"));

        Assert.Equal(CommandOutcome.Done, site.Does(new AlarmCommand.Resolve(Id, 1, Site.LiQiang, Disposition.Real, "helped up")).Outcome);
    }

    [Fact]
    public void Only_the_owner_resolves_a_claimed_alarm_and_taking_over_needs_a_reason_in_the_timeline()
    {
        var site = Pressed();
        site.Does(new AlarmCommand.Claim(Id, 1, Site.LiQiang));
        Assert.Equal(CommandOutcome.AlreadyClaimed, site.Does(new AlarmCommand.Resolve(Id, 2, Site.WangMin, Disposition.Real, null)).Outcome);

        site.Does(new AlarmCommand.TakeOver(Id, 2, Site.WangMin, "shift ended"));

        Assert.Equal("wang.min", site.Only.ClaimedBy!.Value.User);
        Assert.Equal("shift ended", site.Changes[^1].Entry.Note);
        Assert.Equal(CommandOutcome.Done, site.Does(new AlarmCommand.Resolve(Id, 3, Site.WangMin, Disposition.Real, null)).Outcome);
    }

    [Fact]
    public void A_stranger_cannot_release_but_a_supervisor_can()
    {
        var site = Pressed();
        site.Does(new AlarmCommand.Claim(Id, 1, Site.LiQiang));

        Assert.Equal(CommandOutcome.AlreadyClaimed, site.Does(new AlarmCommand.Release(Id, 2, Site.WangMin, null, AnyOwner: false)).Outcome);
        Assert.Equal(CommandOutcome.Done, site.Does(new AlarmCommand.Release(Id, 2, Site.WangMin, null, AnyOwner: true)).Outcome);
        Assert.Null(site.Only.ClaimedBy);
    }

    [Fact]
    public void Resolving_closes_with_author_disposition_and_note()
    {
        var site = Pressed();

        site.Does(new AlarmCommand.Resolve(Id, 1, Site.LiQiang, Disposition.False, "sat on the button"));

        Assert.Empty(site.State.Open);
        Assert.Equal(AlarmState.Closed, site.Latest.State);
        Assert.Equal(Site.LiQiang, site.Latest.ClosedBy);
        Assert.Equal("disposition:false", site.Changes[^1].Entry.Reason);
        Assert.Equal("sat on the button", site.Changes[^1].Entry.Note);
    }

    [Fact]
    public void Saying_it_twice_changes_nothing()
    {
        var site = Pressed();
        site.Does(new AlarmCommand.Acknowledge(Id, 1, Site.LiQiang));
        var version = site.Only.Version;

        Assert.Equal(CommandOutcome.Done, site.Does(new AlarmCommand.Acknowledge(Id, 1, Site.LiQiang)).Outcome);
        Assert.Equal(version, site.Only.Version);
    }

    [Fact]
    public void An_alarm_that_is_not_open_is_not_found()
    {
        Assert.Equal(CommandOutcome.NotFound, new Site().Does(new AlarmCommand.Claim(Id, 1, Site.LiQiang)).Outcome);
    }
}
