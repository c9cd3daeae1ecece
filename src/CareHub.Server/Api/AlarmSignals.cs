using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Api;

/// <summary>A signal as it was received, with what was decided about it and why.</summary>
/// <param name="AlarmId">The alarm that it raised or concerned; null: it raised none, for the reason given.</param>
/// <param name="Rules">Version of the rules that decided; null in records from before they were kept.</param>
/// <param name="Redeliveries">How often the same signal came again.</param>
internal sealed record DecidedSignal(
    DateTimeOffset At, string DeviceId, SignalKind Kind, SignalSource Source, SignalKind? Of, double? Confidence, string? Zone,
    SignalOutcome Outcome, string? AlarmId, string Reason, string? Rules, int Redeliveries);

/// <param name="Items">The latest first.</param>
/// <param name="Truncated">There were more than are shown, or than are looked through.</param>
internal sealed record DecidedSignals(DateTimeOffset From, DateTimeOffset To, bool Truncated, IReadOnlyList<DecidedSignal> Items);

/// <summary>
/// What was said at an alarm's site around its raising, and what triage made of it: also of what raised nothing. It answers why one
/// was raised and another was not, from the reasons on record.
/// </summary>
internal sealed class AlarmSignals(IDbContextFactory<AlarmsContext> alarms, AlarmHistory history)
{
    private const int SignalsMax = 200;

    /// <summary>Rows of the city that are looked through for those of the site; they stand in the order of their arrival.</summary>
    private const long LookedAtMax = 100_000;

    private static readonly TimeSpan Around = TimeSpan.FromMinutes(10);

    public async Task<DecidedSignals?> OfAsync(Caller caller, string alarmId)
    {
        if (await history.FindAsync(caller, alarmId) is not { } alarm)
        {
            return null;
        }

        await using var context = await alarms.CreateDbContextAsync();
        var (from, to) = (alarm.RaisedAt - Around, alarm.RaisedAt + Around);
        var (first, end) = (await PositionAtAsync(context, from), await PositionAtAsync(context, to));

        // What was said right before it explains more than what was said long after.
        var last = Math.Min(end, Math.Max(first, await PositionAtAsync(context, alarm.RaisedAt)) + (LookedAtMax / 2));
        var looked = Math.Max(first, last - LookedAtMax);
        var rows = await (
            from signal in context.Signals.AsNoTracking()
            join facts in context.DeviceFacts on signal.FactsId equals (long?)facts.Id
            where signal.Position >= looked && signal.Position < last && facts.SiteId == alarm.SiteId
            orderby signal.Position descending
            select new
            {
                signal.ReceivedAt, signal.DeviceId, signal.Kind, signal.Source, signal.Of, signal.Confidence, signal.Zone, signal.Outcome, signal.AlarmId, signal.Reason, signal.Redeliveries,
                Rules = context.RuleBooks.Where(rules => rules.Id == signal.RulesId).Select(rules => rules.Version).FirstOrDefault(),
            }).Take(SignalsMax + 1).ToListAsync();
        return new(from, to, rows.Count > SignalsMax || looked > first || last < end,
        [
            .. rows.Take(SignalsMax).Select(row => new DecidedSignal(
                UnixMs.ToTime(row.ReceivedAt), row.DeviceId, row.Kind, row.Source, row.Of, row.Confidence, row.Zone, row.Outcome, row.AlarmId, row.Reason, row.Rules, row.Redeliveries)),
        ]);
    }

    /// <summary>Signals stand in the order in which they came, so their place is found by halving, without an index that each of them would have to pay for.</summary>
    private static async Task<long> PositionAtAsync(AlarmsContext context, DateTimeOffset at)
    {
        var ms = at.ToUnixTimeMilliseconds();
        var (low, high) = (0L, await context.Signals.MaxAsync(row => (long?)row.Position) + 1 ?? 0);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var row = await context.Signals.AsNoTracking().Where(row => row.Position >= middle).OrderBy(row => row.Position)
                .Select(row => new { row.Position, row.ReceivedAt }).FirstOrDefaultAsync();
            (low, high) = row is null || row.ReceivedAt >= ms ? (low, middle) : (row.Position + 1, high);
        }

        return low;
    }
}
