using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Server.Pipeline;
using CareHub.Simulation.Tests.Hub;

namespace CareHub.Simulation.Tests.Mutations;

/// <summary>Bugs of the engine, as if it had stepped otherwise: the round is rewritten before its commit.</summary>
internal abstract class EngineMutation : Seams
{
    /// <summary>Replaces a change and leaves the site's state as it is.</summary>
    protected static void Rewrite(ShardRound round, Func<AlarmChange, bool> where, Func<AlarmChange, AlarmChange> with)
    {
        for (var index = 0; index < round.Batch.Changes.Count; index++)
        {
            if (where(round.Batch.Changes[index]))
            {
                round.Batch.Changes[index] = with(round.Batch.Changes[index]);
            }
        }
    }

    /// <summary>One more change, in the batch and in the site's state.</summary>
    protected static void Add(ShardRound round, AlarmChange change)
    {
        round.Batch.Changes.Add(change);
        var site = round.Next[change.Alarm.SiteId];
        round.Next[site.SiteId] = site with { Open = change.Alarm.IsOpen ? site.Open.SetItem(change.Alarm.Key, change.Alarm) : site.Open.Remove(change.Alarm.Key) };
    }

    /// <summary>Open alarms of the sites that moved, as they are after the round.</summary>
    protected static IReadOnlyList<Alarm> Open(ShardRound round) =>
        [.. round.Next.Values.SelectMany(site => site.Open.Values).OrderBy(alarm => alarm.SiteId, StringComparer.Ordinal).ThenBy(alarm => alarm.Number)];

    /// <summary>The round's own time, if it has changed anything.</summary>
    protected static DateTimeOffset? NowOf(ShardRound round) => round.Batch.Changes.Count == 0 ? null : round.Batch.Changes[^1].Entry.At;
}

internal sealed class ClosesMedium : EngineMutation
{
    public override void Stepped(ShardRound round, IReadOnlyList<ShardWork> works)
    {
        foreach (var alarm in Open(round).Where(alarm => alarm is { Priority: Priority.Medium, Active: false }))
        {
            if (NowOf(round) is { } now)
            {
                Add(round, AlarmChanges.Close(alarm, AlarmEvent.AutoClosed, now, Author.Hub, Disposition.Technical, "rule:mutation:auto_close"));
            }
        }
    }
}

internal sealed class NoAuthor : EngineMutation
{
    public override void Stepped(ShardRound round, IReadOnlyList<ShardWork> works) =>
        Rewrite(round, change => change.Entry.Event == AlarmEvent.Returned, change => change with { Entry = change.Entry with { Author = default(Author) with { Id = "", Name = "" } } });
}

internal sealed class ReusesVersion : EngineMutation
{
    public override void Stepped(ShardRound round, IReadOnlyList<ShardWork> works) =>
        Rewrite(round, change => change.Entry.Event == AlarmEvent.Seen, change => change with { Entry = change.Entry with { Seq = change.Entry.Seq - 1 } });
}

internal sealed class ChangesInSilence : EngineMutation
{
    public override void Stepped(ShardRound round, IReadOnlyList<ShardWork> works) =>
        Rewrite(round, change => change.Entry.Event == AlarmEvent.Repeated, change => change with { Alarm = change.Alarm with { Acknowledged = true } });
}

internal sealed class ShelvesCritical : EngineMutation
{
    public override void Stepped(ShardRound round, IReadOnlyList<ShardWork> works)
    {
        foreach (var alarm in Open(round).Where(alarm => alarm is { Priority: Priority.Critical, Suppression: null }))
        {
            var shelf = round.Next[alarm.SiteId].Memory.Shelves.Values.Where(shelf => shelf.Covers(alarm)).MinBy(shelf => shelf.Id);
            if (shelf is not null && NowOf(round) is { } now)
            {
                var suppression = new Suppression(SuppressionKind.Shelved, shelf.Id, shelf.Until, alarm.Priority);
                Add(round, AlarmChanges.Decide(Suppressing.Under(alarm, suppression), AlarmEvent.Suppressed, now, Author.Hub, $"shelved:{shelf.Id}"));
            }
        }
    }
}

internal sealed class RaisesTwice : EngineMutation
{
    public override void Stepped(ShardRound round, IReadOnlyList<ShardWork> works)
    {
        foreach (var repeated in round.Batch.Changes.Where(change => change.Entry.Event == AlarmEvent.Repeated).Select(change => change.Alarm).ToList())
        {
            var site = round.Next[repeated.SiteId];
            var number = site.LastNumber + 1;
            var alarm = repeated with { Id = $"{site.SiteId}.{number}", Number = number, Version = 1, AnnunciatedVersion = 1, DecisiveVersion = 1, Count = 1 };
            round.Batch.Changes.Add(new(alarm, new(alarm.Id, 1, repeated.LastSignalAt, AlarmEvent.Raised, Author.Hub, "rule:mutation", null)));
            round.Next[site.SiteId] = site with { LastNumber = number };
        }
    }
}
