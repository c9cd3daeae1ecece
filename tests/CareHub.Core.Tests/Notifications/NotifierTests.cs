using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Core.Signals;
using CareHub.Core.Tests.Triage;

namespace CareHub.Core.Tests.Notifications;

public sealed class NotifierTests
{
    private static readonly Recipient Chief = new(NotifyChannel.Sms, "chief", "+861");
    private static readonly Recipient Son = new(NotifyChannel.Sms, "contact-7", "+862");

    [Fact]
    public void Escalations_that_leave_the_consoles_are_told_and_everything_else_is_not()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Lives(TimeSpan.FromMinutes(5));

        var notices = NoticesOf(site);
        Assert.Equal([EscalationTarget.Supervisor, EscalationTarget.Contacts], notices.Select(notice => notice.Target!.Value));
        Assert.Equal([Chief, Son], notices.SelectMany(notice => notice.Recipients));
        Assert.All(notices, notice => Assert.Equal(AlarmEvent.Escalated, site.Changes[notice.Version - 1].Entry.Event));
    }

    [Fact]
    public void Closing_is_an_all_clear_and_a_condition_that_has_returned_is_none()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Does(new AlarmCommand.Acknowledge("home-1.1", 1, Site.LiQiang));
        site.Says(SignalKind.Restore, of: SignalKind.Button);
        Assert.Empty(NoticesOf(site));

        site.Does(new AlarmCommand.Resolve("home-1.1", site.Latest.Version, Site.LiQiang, Disposition.Real, null));
        var notice = Assert.Single(NoticesOf(site));
        Assert.Equal((NoticeKind.AllClear, site.Latest.Version), (notice.Kind, notice.Version));
    }

    [Fact]
    public void An_escalation_that_finds_nobody_to_tell_leaves_nothing()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        site.Lives(TimeSpan.FromMinutes(5));

        Assert.DoesNotContain(site.Changes, change => Notifier.Of(change, (_, _) => []) is not null);
    }

    [Fact]
    public void A_receipt_is_an_entry_of_the_story_that_stands_in_nobodys_way()
    {
        var site = new Site();
        site.Says(SignalKind.Button);
        var receipt = new Receipt("k", "home-1.1", NotificationState.GivenUp, site.Now, 1, "http_404", "webhook:supervisor city:http_404");

        Assert.Equal(CommandOutcome.Done, site.Does(new AlarmCommand.Notified(receipt)).Outcome);
        Assert.Equal((AlarmEvent.NotifyFailed, receipt.Reason), (site.Changes[^1].Entry.Event, site.Changes[^1].Entry.Reason));
        Assert.Equal(CommandOutcome.Done, site.Does(new AlarmCommand.Resolve("home-1.1", 1, Site.LiQiang, Disposition.Real, null)).Outcome);
        Assert.Equal(CommandOutcome.NotFound, site.Does(new AlarmCommand.Notified(receipt)).Outcome);
    }

    private static List<Notice> NoticesOf(Site site) => [.. site.Changes.Select(change => Notifier.Of(change, Book)).OfType<Notice>()];

    private static ImmutableArray<Recipient> Book(Alarm alarm, EscalationTarget target) => target == EscalationTarget.Contacts ? [Son] : [Chief];
}
