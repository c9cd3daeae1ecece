using CareHub.Core.Notifications;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Alarms;

/// <summary>The sender's view of the outbox: what is due, what has to be tried again, and how the channels do.</summary>
internal sealed class OutboxStore(IDbContextFactory<AlarmsContext> contexts)
{
    /// <summary>
    /// What may be sent now, the longest waiting first. A recipient hears an alarm's story in order: a notification waits
    /// until the one before it, to the same recipient about the same alarm, is delivered or given up.
    /// </summary>
    public async Task<List<OutboxRow>> DueAsync(NotifyChannel channel, DateTimeOffset now, IReadOnlyCollection<long> underWay, int count, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var nowMs = now.ToUnixTimeMilliseconds();
        return await First(context, channel).Where(row => row.NextAt <= nowMs && !underWay.Contains(row.Position))
            .OrderBy(row => row.NextAt).ThenBy(row => row.Position).Take(count).ToListAsync(cancellationToken);
    }

    /// <summary>When the next one is due that is not under way; null when none waits.</summary>
    public async Task<DateTimeOffset?> NextAtAsync(NotifyChannel channel, IReadOnlyCollection<long> underWay, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return UnixMs.ToTime(await First(context, channel).Where(row => !underWay.Contains(row.Position)).MinAsync(row => (long?)row.NextAt, cancellationToken));
    }

    public async Task TryAgainAsync(long position, int attempts, DateTimeOffset at, string error, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var atMs = at.ToUnixTimeMilliseconds();
        await context.Outbox.Where(row => row.Position == position).ExecuteUpdateAsync(
            row => row.SetProperty(one => one.Attempts, attempts).SetProperty(one => one.NextAt, atMs).SetProperty(one => one.LastError, error), cancellationToken);
    }

    /// <summary>Has the channel been failing since before the first time, or given up after the second and delivered nothing since?</summary>
    public async Task<(bool Failing, bool GaveUp)> HealthAsync(NotifyChannel channel, DateTimeOffset failingBefore, DateTimeOffset gaveUpAfter, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        long before = failingBefore.ToUnixTimeMilliseconds(), after = gaveUpAfter.ToUnixTimeMilliseconds();
        var failing = await context.Outbox.AnyAsync(row => row.State == NotificationState.Waiting && row.Channel == channel && row.Attempts > 0 && row.CreatedAt < before, cancellationToken);
        var last = await context.Outbox.AsNoTracking().Where(row => row.DoneAt > after && row.Channel == channel).OrderByDescending(row => row.DoneAt).ThenByDescending(row => row.Position)
            .Select(row => (NotificationState?)row.State).FirstOrDefaultAsync(cancellationToken);
        return (failing, last == NotificationState.GivenUp);
    }

    public async Task<(int Waiting, DateTimeOffset? OldestAt)> WaitingAsync()
    {
        await using var context = await contexts.CreateDbContextAsync();
        var waiting = context.Outbox.Where(row => row.State == NotificationState.Waiting);
        return (await waiting.CountAsync(), UnixMs.ToTime(await waiting.MinAsync(row => (long?)row.CreatedAt)));
    }

    public async Task<List<OutboxRow>> OfAlarmAsync(string alarmId)
    {
        await using var context = await contexts.CreateDbContextAsync();
        return await context.Outbox.AsNoTracking().Where(row => row.AlarmId == alarmId).OrderBy(row => row.Position).ToListAsync();
    }

    /// <summary>Forgets what was finished before; returns how many.</summary>
    public async Task<int> TrimAsync(DateTimeOffset before, int count, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var beforeMs = before.ToUnixTimeMilliseconds();
        return await context.Outbox.Where(row => context.Outbox.Where(old => old.DoneAt < beforeMs).OrderBy(old => old.DoneAt).Take(count).Select(old => old.Position).Contains(row.Position))
            .ExecuteDeleteAsync(cancellationToken);
    }

    private static IQueryable<OutboxRow> First(AlarmsContext context, NotifyChannel channel) =>
        context.Outbox.AsNoTracking().Where(row => row.State == NotificationState.Waiting && row.Channel == channel
            && !context.Outbox.Any(earlier => earlier.AlarmId == row.AlarmId && earlier.Channel == row.Channel && earlier.Recipient == row.Recipient
                && earlier.State == NotificationState.Waiting && earlier.Position < row.Position));
}
