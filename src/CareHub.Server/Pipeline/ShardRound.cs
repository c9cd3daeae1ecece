using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Core.Triage;

namespace CareHub.Server.Pipeline;

/// <summary>One batch stepped, not yet committed: the next states and what must reach the disk first.</summary>
internal sealed class ShardRound
{
    private readonly IReadOnlyDictionary<string, SiteState> _sites;
    private readonly RuleBook _rules;
    private readonly Func<string, bool> _isStaffed;
    private readonly Func<Alarm, EscalationTarget, ImmutableArray<Recipient>> _recipients;
    private readonly DateTimeOffset _now;

    private ShardRound(IReadOnlyDictionary<string, SiteState> sites, RuleBook rules, Func<string, bool> isStaffed, Func<Alarm, EscalationTarget, ImmutableArray<Recipient>> recipients, DateTimeOffset now)
    {
        _recipients = recipients;
        _sites = sites;
        _rules = rules;
        _isStaffed = isStaffed;
        _now = now;
    }

    public CommitBatch Batch { get; } = new();

    /// <summary>
    /// Steps that failed: a signal, an act, or the time of a site that the engine cannot take. They are undone, and nobody else pays
    /// for them.
    /// </summary>
    public Dictionary<ShardWork, Exception> Failed { get; } = [];

    public List<(string SiteId, Exception Cause)> FailedSites { get; } = [];

    /// <summary>Sites that moved.</summary>
    public Dictionary<string, SiteState> Next { get; } = new(StringComparer.Ordinal);

    public static ShardRound Step(IReadOnlyList<ShardWork> works, IReadOnlyDictionary<string, SiteState> sites, ISignalIndex index, RuleBook rules, Func<string, bool> isStaffed, Func<Alarm, EscalationTarget, ImmutableArray<Recipient>> recipients, DateTimeOffset now, IReadOnlyList<string> dueSites)
    {
        var round = new ShardRound(sites, rules, isStaffed, recipients, now);

        // Deadlines first: what was due before this batch arrived has happened before it.
        foreach (var siteId in dueSites)
        {
            try
            {
                round.Apply(siteId, TriageInput.Time.Passes);
            }
            catch (Exception failure)
            {
                round.FailedSites.Add((siteId, failure));
            }
        }

        using var frozen = works.Count > 1 ? index.Freeze() : null;
        var batchIds = new HashSet<(string, string)>(works.Count);
        foreach (var work in works)
        {
            try
            {
                round.Take(work, batchIds, index);
            }
            catch (Exception failure)
            {
                round.Failed[work] = failure;
            }
        }

        return round;
    }

    private void Take(ShardWork work, HashSet<(string DeviceId, string SignalId)> batchIds, ISignalIndex index)
    {
        switch (work)
        {
            case SignalWork signal:
                Take(signal, batchIds, index);
                break;
            case CommandWork command:
                command.Result = Apply(command.SiteId, new TriageInput.FromPerson(command.Command)).Command;
                break;
            case ReceiptWork receipt:
                Take(receipt.Receipt);
                break;
            case QuarantineWork quarantine:
                Batch.Quarantine.Add(quarantine.Quarantined);
                break;
        }
    }

    private void Take(SignalWork work, HashSet<(string DeviceId, string SignalId)> batchIds, ISignalIndex index)
    {
        var signal = work.Signal;
        var id = (signal.DeviceId, signal.Id);
        if (batchIds.Contains(id) || index.Contains(signal.DeviceId, signal.Id))
        {
            work.Redelivered = true;
            Batch.Redeliveries.Add(new Redelivery(signal.DeviceId, signal.Id));
            return;
        }

        work.AlarmId = Apply(work.SiteId, new TriageInput.FromDevice(signal, work.Device, _isStaffed(work.SiteId))).Decision!.AlarmId;

        // Not before: one that failed is no redelivery when it comes again.
        batchIds.Add(id);
    }

    private void Take(Receipt receipt)
    {
        var outcome = Apply(SiteState.SiteOf(receipt.AlarmId), new TriageInput.FromPerson(new AlarmCommand.Notified(receipt))).Command.Outcome;
        Batch.Receipts.Add(new KeptReceipt(receipt, IsLate: outcome == CommandOutcome.NotFound));
    }

    /// <summary>A step, and what follows from it where nobody is there to hear what it makes sound.</summary>
    private StepResult Apply(string siteId, TriageInput input)
    {
        var result = Advance(siteId, input);
        try
        {
            if (result.Changes.Any(SoundsAnew) && !_isStaffed(siteId))
            {
                Advance(siteId, new TriageInput.FromPerson(new AlarmCommand.FindDeskEmpty(EmptyDesk.Author)));
            }
        }
        catch (Exception failure)
        {
            // What came in stands, and is acknowledged; that nobody is there is found again by DeskWatch.
            FailedSites.Add((siteId, failure));
        }

        return result;
    }

    private static bool SoundsAnew(AlarmChange change) =>
        change.Alarm is { IsOpen: true, Suppression: null, Priority: <= Priority.High } && change.Alarm.AnnunciatedVersion == change.Entry.Seq;

    private StepResult Advance(string siteId, TriageInput input)
    {
        var before = Next.GetValueOrDefault(siteId) ?? _sites.GetValueOrDefault(siteId) ?? new SiteState { SiteId = siteId };
        var result = TriageEngine.Step(before, input, _now, _rules);

        // Whatever may fail comes first: a step is in the batch as a whole or not at all.
        List<Notice>? notices = null;
        foreach (var change in result.Changes)
        {
            if (Notifier.Of(change, _recipients) is { } notice)
            {
                (notices ??= []).Add(notice);
            }
        }

        Batch.Add(before, input, new StepMark(_now, _rules), result);
        Batch.Notices.AddRange(notices ?? []);
        Next[siteId] = result.State;
        return result;
    }
}
