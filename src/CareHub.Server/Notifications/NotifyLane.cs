using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Notifications;
using CareHub.Server.Pipeline;
using CareHub.Storage.Alarms;
using CareHub.Storage.Telemetry.Forwarding;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Notifications;

/// <summary>
/// Sends what waits for one channel: a lane of its own, so that a webhook that hangs never holds up an SMS. At least once:
/// a notification stays in the outbox until its receipt is on disk, and goes out with the same key each time.
/// </summary>
internal sealed partial class NotifyLane(
    INotifyChannel channel, OutboxStore outbox, OutboxBell bell, IDbContextFactory<AlarmsContext> alarms, MessageWriter writer, TriagePipeline pipeline, NotifyCounts counts, TimeProvider time, ILogger log)
{
    /// <summary>Between looks while the outbox cannot be read, and tries while a receipt cannot be written.</summary>
    private static readonly TimeSpan DiskRetry = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Task> _underWay = [];

    public async Task RunAsync(CancellationToken stopping)
    {
        await using var timer = time.CreateTimer(_ => bell.Ring(channel.Kind), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            while (true)
            {
                Arm(timer, await LookAsync(stopping));
                await bell.WaitAsync(channel.Kind, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is under way is cut off and sent again after the start.
            await Task.WhenAll(UnderWay().Values);
        }
    }

    private void Arm(ITimer timer, DateTimeOffset? at)
    {
        if (at is not { } next)
        {
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        var wait = next - time.HubNow();
        timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);

        // The clock may have moved on while the timer was being set.
        if (time.HubNow() >= next)
        {
            bell.Ring(channel.Kind);
        }
    }

    /// <summary>Starts what is due, as far as there is room; returns when to look again if nobody rings.</summary>
    private async Task<DateTimeOffset?> LookAsync(CancellationToken stopping)
    {
        try
        {
            var now = time.HubNow();
            var underWay = UnderWay();
            var room = Limits.NotifyConcurrencyMax - underWay.Count;
            if (room <= 0)
            {
                return null;
            }

            foreach (var row in await outbox.DueAsync(channel.Kind, now, underWay.Keys, room, stopping))
            {
                Start(row, stopping);
            }

            return await outbox.NextAtAsync(channel.Kind, UnderWay().Keys, stopping);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            LogLookFailed(failure, channel.Kind);
            return time.HubNow() + DiskRetry;
        }
    }

    private Dictionary<long, Task> UnderWay()
    {
        lock (_lock)
        {
            return new(_underWay);
        }
    }

    private void Start(OutboxRow row, CancellationToken stopping)
    {
        lock (_lock)
        {
            _underWay[row.Position] = Task.Run(() => CarryAsync(row, stopping), CancellationToken.None);
        }
    }

    private async Task CarryAsync(OutboxRow row, CancellationToken stopping)
    {
        try
        {
            var outcome = await AttemptAsync(row, stopping);
            await RecordAsync(row, outcome, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Unsent, or sent without a receipt: either way it waits in the outbox.
        }
        finally
        {
            lock (_lock)
            {
                _underWay.Remove(row.Position);
            }

            bell.Ring(channel.Kind);
        }
    }

    private async Task<SendOutcome> AttemptAsync(OutboxRow row, CancellationToken stopping)
    {
        using var tooLong = new CancellationTokenSource(Limits.NotifyAttemptMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(tooLong.Token, stopping);
        try
        {
            await using var context = await alarms.CreateDbContextAsync(stopping);
            var alarm = await context.Alarms.AsNoTracking().SingleOrDefaultAsync(one => one.Id == row.AlarmId, stopping);
            return alarm is null
                ? new SendOutcome.Refused("alarm_gone")
                : await channel.SendAsync(writer.Write(row, alarm.ToAlarm(), channel.AllowsPersonalData), either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return new SendOutcome.TryLater("timeout");
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            // The exception's text may hold an address: its type must do.
            LogAttemptFailed(row.Key, failure.GetType().Name);
            return new SendOutcome.TryLater("failed");
        }
    }

    /// <summary>Until it is on disk: to send again because a receipt could not be kept would only tell people twice.</summary>
    private async Task RecordAsync(OutboxRow row, SendOutcome outcome, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await KeepAsync(row, outcome, stopping);
                return;
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                LogNotKept(failure, row.Key);
                await Task.Delay(DiskRetry, time, stopping);
            }
        }
    }

    private async Task KeepAsync(OutboxRow row, SendOutcome outcome, CancellationToken stopping)
    {
        var (now, attempts) = (time.HubNow(), row.Attempts + 1);
        switch (outcome)
        {
            case SendOutcome.Delivered delivered:
                await pipeline.ReceiptAsync(ReceiptOf(row, NotificationState.Delivered, now, attempts, delivered.Answer, row.Kind == NoticeKind.AllClear ? "all_clear" : "delivered"));
                counts.CountDelivered();
                break;
            case SendOutcome.TryLater later when attempts < Limits.NotifyAttemptsMax && now.ToUnixTimeMilliseconds() - row.CreatedAt < Limits.NotifyAgeMax.TotalMilliseconds:
                var pause = Backoff.PauseAfter(attempts, Limits.NotifyPauseMin, Limits.NotifyPauseMax, Random.Shared, later.After);
                await outbox.TryAgainAsync(row.Position, attempts, now + pause, later.Error, stopping);
                counts.CountFailedAttempt();
                LogTryLater(row.Key, attempts, later.Error, (long)pause.TotalMilliseconds);
                break;
            default:
                var error = outcome switch { SendOutcome.Refused refused => refused.Error, SendOutcome.TryLater later => later.Error, _ => "failed" };
                await pipeline.ReceiptAsync(ReceiptOf(row, NotificationState.GivenUp, now, attempts, error, error));
                counts.CountGivenUp();
                LogGivenUp(row.Key, attempts, error);
                break;
        }
    }

    private static Receipt ReceiptOf(OutboxRow row, NotificationState state, DateTimeOffset now, int attempts, string answer, string outcome)
    {
        var who = $"{Words<Core.Escalation.EscalationTarget>.Of(row.Target)} {AddressBook.Mask(new Recipient(row.Channel, row.Recipient, row.Address))}";
        return new(row.Key, row.AlarmId, state, now, attempts, answer, $"{Words<NotifyChannel>.Of(row.Channel)}:{who}:{outcome}");
    }

    [LoggerMessage(2101, LogLevel.Error, "The outbox of {Channel} could not be read")]
    private partial void LogLookFailed(Exception failure, NotifyChannel channel);

    [LoggerMessage(2102, LogLevel.Warning, "Notification {Key} failed with {Error}")]
    private partial void LogAttemptFailed(string key, string error);

    [LoggerMessage(2103, LogLevel.Error, "What became of notification {Key} could not be kept")]
    private partial void LogNotKept(Exception failure, string key);

    [LoggerMessage(2104, LogLevel.Information, "Notification {Key}: attempt {Attempt} failed ({Error}); again in {PauseMs} ms")]
    private partial void LogTryLater(string key, int attempt, string error, long pauseMs);

    [LoggerMessage(2105, LogLevel.Error, "Notification {Key} was given up after {Attempts} attempts ({Error})")]
    private partial void LogGivenUp(string key, int attempts, string error);
}
