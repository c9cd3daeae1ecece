using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Escalation;
using CareHub.Core.Signals;
using CareHub.Core.Tests.Triage;

namespace CareHub.Core.Tests.Escalation;

/// <summary>Promise 3: unseen escalates, until a person answers.</summary>
public sealed class EscalationTests
{
    private const string Id = "home-1.1";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_critical_alarm_that_nobody_answers_goes_through_every_tier_on_time()
    {
        var site = new Site();
        var raisedAt = site.Now;
        site.Says(SignalKind.Button);

        site.Lives(TimeSpan.FromMinutes(10));

        Assert.Equal(
            [(5, EscalationTarget.Region), (30, EscalationTarget.NextLevel), (60, EscalationTarget.Supervisor), (180, EscalationTarget.Contacts)],
            Escalations(site).Select(change => ((int)(change.Entry.At - raisedAt).TotalSeconds, change.Alarm.EscalatedTo!.Value)));
        Assert.Equal(
            ["policy:critical:unseen:5s:region", "policy:critical:unacknowledged:30s:next_level", "policy:critical:unacknowledged:60s:supervisor", "policy:critical:unacknowledged:180s:contacts"],
            Escalations(site).Select(change => change.Entry.Reason));
        Assert.All(Escalations(site), change => Assert.Equal(Author.Hub, change.Entry.Author));
    }

    [Fact]
    public void An_alarm_that_was_seen_does_not_escalate_as_unseen_but_does_as_unacknowledged()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Now += 4 * Second;
        site.Does(new AlarmCommand.Seen(Id, 0, Site.LiQiang));

        site.Lives(26 * Second);

        Assert.Equal(EscalationTarget.NextLevel, Assert.Single(Escalations(site)).Alarm.EscalatedTo);
    }

    [Fact]
    public void An_acknowledgement_in_time_ends_the_tiers()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Now += 4 * Second;
        site.Does(new AlarmCommand.Acknowledge(Id, 1, Site.LiQiang));
        site.Does(new AlarmCommand.Claim(Id, 2, Site.LiQiang));

        site.Lives(TimeSpan.FromSeconds(50));

        Assert.Empty(Escalations(site));
    }

    [Fact]
    public void A_claim_is_an_answer_too()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Does(new AlarmCommand.Claim(Id, 1, Site.LiQiang));

        site.Lives(59 * Second);

        Assert.Empty(Escalations(site));
    }

    [Fact]
    public void An_escalation_leaves_an_acknowledgement_on_its_way_valid()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Lives(31 * Second);

        // The operator pressed when version 1 was on the screen: an escalation is no new fact about the person.
        Assert.Equal(CommandOutcome.Done, site.Does(new AlarmCommand.Acknowledge(Id, 1, Site.LiQiang)).Outcome);
    }

    [Fact]
    public void Acknowledged_and_left_it_sounds_anew()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Does(new AlarmCommand.Acknowledge(Id, 1, Site.LiQiang));

        site.Lives(120 * Second);

        Assert.False(site.Only.Acknowledged);
        Assert.Equal(site.Now, site.Only.AnnunciatedAt);
        Assert.Equal(AlarmEvent.Reannunciated, site.Changes[^1].Entry.Event);
        site.Lives(5 * Second);
        Assert.Equal(EscalationTarget.Region, Assert.Single(Escalations(site)).Alarm.EscalatedTo);
    }

    [Fact]
    public void A_claim_without_progress_is_reminded_and_then_taken_back()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Does(new AlarmCommand.Acknowledge(Id, 1, Site.LiQiang));
        site.Does(new AlarmCommand.Claim(Id, 2, Site.LiQiang));

        site.Lives(60 * Second);
        Assert.True(site.Only.Reminded);
        Assert.NotNull(site.Only.ClaimedBy);
        site.Lives(30 * Second);

        Assert.Null(site.Only.ClaimedBy);
        Assert.False(site.Only.Acknowledged);
        Assert.Equal("no_progress:li.qiang", site.Changes[^1].Entry.Reason);
    }

    [Fact]
    public void A_note_of_the_owner_is_progress_and_that_of_somebody_else_is_not()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Does(new AlarmCommand.Claim(Id, 1, Site.LiQiang));
        site.Lives(50 * Second);
        site.Does(new AlarmCommand.AddNote(Id, 0, Site.WangMin, "听说了"));
        site.Lives(10 * Second);
        Assert.True(site.Only.Reminded);

        site.Does(new AlarmCommand.AddNote(Id, 0, Site.LiQiang, "在打电话"));
        site.Lives(59 * Second);

        Assert.False(site.Only.Reminded);
        Assert.Equal("li.qiang", site.Only.ClaimedBy?.User);
    }

    [Fact]
    public void A_call_that_comes_again_while_somebody_has_it_escalates_as_if_nobody_had()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Does(new AlarmCommand.Acknowledge(Id, 1, Site.LiQiang));
        site.Does(new AlarmCommand.Dispatch(Id, 2, Site.LiQiang, "carer", "陈芳"));
        site.Does(new AlarmCommand.Progress(Id, 3, new Author(AuthorKind.User, "carer", "陈芳"), ResponseStage.EnRoute));
        site.Lives(TimeSpan.FromMinutes(5));
        Assert.Empty(Escalations(site));

        site.Says(SignalKind.Button);
        site.Lives(30 * Second);

        Assert.Equal([EscalationTarget.Region, EscalationTarget.NextLevel], Escalations(site).Select(change => change.Alarm.EscalatedTo!.Value));
    }

    [Fact]
    public void Where_nobody_sits_at_a_desk_it_goes_straight_to_those_who_are_told_by_other_means()
    {
        var site = new Site { IsStaffed = false };

        site.Says(SignalKind.Button);

        Assert.Equal(EscalationTarget.Supervisor, site.Only.EscalatedTo);
        Assert.Equal("policy:critical:no_desk:supervisor", site.Changes[^1].Entry.Reason);
        site.Lives(180 * Second);
        Assert.Equal(EscalationTarget.Contacts, site.Only.EscalatedTo);
    }

    [Fact]
    public void A_desk_that_was_left_hands_on_what_nobody_has_answered_and_nothing_else()
    {
        var site = new Site();
        site.Says(SignalKind.Button, "btn-1");
        site.Says(SignalKind.Water, "water-1", DeviceKinds.WaterSensor, resident: null);
        site.Says(SignalKind.Button, "btn-2", resident: "r-2");
        site.Says(SignalKind.Tamper, "btn-3", resident: "r-3");
        site.Does(new AlarmCommand.Claim("home-1.3", 1, Site.LiQiang));

        site.Does(new AlarmCommand.FindDeskEmpty(EmptyDesk.Author));
        site.Does(new AlarmCommand.FindDeskEmpty(EmptyDesk.Author));

        Assert.Equal([("home-1.1", "policy:critical:no_desk:supervisor"), ("home-1.2", "policy:high:no_desk:supervisor")], Escalations(site).Select(change => (change.Alarm.Id, change.Entry.Reason)));
    }

    [Fact]
    public void Other_rules_turn_to_nobody_narrower_than_whoever_has_heard_of_it()
    {
        var told = At(new Site(), 60 * Second);
        var other = new EscalationPolicy
        {
            Name = "other",
            Tiers = [Tier(5, EscalationTarget.Region), Tier(10, EscalationTarget.Region), Tier(20, EscalationTarget.Region), Tier(90, EscalationTarget.NextLevel), Tier(240, EscalationTarget.Contacts)],
        };

        Assert.Equal(EscalationTarget.Supervisor, told.EscalatedTo);
        Assert.Equal(told.AnnunciatedAt + (240 * Second), Escalator.NextAt(told, other));
    }

    [Theory]
    [InlineData(30, "supervisor")]
    [InlineData(60, "contacts")]
    public void Other_rules_with_fewer_tiers_than_have_passed_leave_out_nobody_who_was_to_be_told(int seconds, string next)
    {
        var site = new Site();
        var alarm = At(site, seconds * Second);
        var shorter = new EscalationPolicy { Name = "shorter", Tiers = [Tier(20, EscalationTarget.Supervisor), Tier(180, EscalationTarget.Contacts)] };

        var due = Escalator.Due(alarm, shorter, site.Now + TimeSpan.FromHours(1));

        Assert.Equal(EscalationTarget.Contacts, due[^1].Alarm.EscalatedTo);
        Assert.Equal(next, Words<EscalationTarget>.Of(due[0].Alarm.EscalatedTo!.Value));
        Assert.Equal(due.Length, due.Select(change => change.Alarm.EscalatedTo).Distinct().Count());
    }

    private static EscalationTier Tier(int seconds, EscalationTarget target) => new(EscalationClock.Unacknowledged, seconds * Second, target);

    /// <summary>The button's alarm some time after nobody has answered it.</summary>
    private static Alarm At(Site site, TimeSpan time)
    {
        site.Says(SignalKind.Button);
        site.Lives(time);
        return site.Only;
    }

    [Fact]
    public void Deadlines_that_passed_while_the_hub_was_down_are_met_at_once_and_in_order()
    {
        var site = new Site();
        site.Says(SignalKind.Button);

        site.Passes(TimeSpan.FromMinutes(30));

        Assert.Equal([1, 2, 3, 4], Escalations(site).Select(change => change.Alarm.Tier));
    }

    [Fact]
    public void A_dispatch_without_a_receipt_is_told_to_the_dispatcher_after_10_s()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Does(new AlarmCommand.Dispatch(Id, 1, Site.LiQiang, "carer", "陈芳"));
        Assert.True(site.Only.Acknowledged);

        site.Lives(10 * Second);

        Assert.Equal("no_receipt:carer", site.Changes[^1].Entry.Reason);
        Assert.True(site.Only.Reminded);
    }

    private static IEnumerable<AlarmChange> Escalations(Site site) => site.Changes.Where(change => change.Entry.Event == AlarmEvent.Escalated);
}
