using CareHub.Server.Metrics;
using CareHub.Server.SelfWatch;
using Microsoft.AspNetCore.SignalR;

namespace CareHub.Server.Push;

/// <summary>
/// Feeds one console: its deltas in order, and each second the desks nearer than itself, when they are others, and a heartbeat. A
/// console that reads slowly slows only its own loop; SignalR drops one that has gone silent.
/// </summary>
internal sealed partial class ConsoleFeed(LiveQueue queue, NearerDesks desks, HubTrouble trouble, HubMeter meter, IHubContext<AlarmHub> hub, TimeProvider time, string connectionId, string regionId, long seq, ILogger log, CancellationToken gone)
{
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(1);

    public async Task RunAsync()
    {
        try
        {
            await FeedAsync();
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The console left; it resumes from its cursor.
        }
        catch (Exception failure)
        {
            LogFailed(failure, connectionId);
        }
    }

    private async Task FeedAsync()
    {
        var console = hub.Clients.Client(connectionId);
        var last = seq;

        // The first beat is due at once, behind what has happened since the snapshot: its counts are of its number.
        long? beatAt = null;
        while (!gone.IsCancellationRequested)
        {
            if (beatAt is { } at && HeartbeatEvery - time.GetElapsedTime(at) is var untilBeat && untilBeat > TimeSpan.Zero)
            {
                // Whichever comes first; the pause is cancelled so that a busy queue leaves no timers behind.
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(gone);
                await Task.WhenAny(queue.NewsAfter(regionId, last), Task.Delay(untilBeat, time, pause.Token));
                await pause.CancelAsync();
            }

            var news = queue.ReadAfter(regionId, last);
            foreach (var delta in news.Deltas)
            {
                var from = time.GetUtcNow();
                await console.SendAsync("delta", delta, gone);
                Measure(delta.Alarm, from);
            }

            // After a loss the heartbeat's number shows the console its gap, and it asks for a snapshot.
            last = news.Seq;
            if (beatAt is null || time.GetElapsedTime(beatAt.Value) >= HeartbeatEvery)
            {
                beatAt = time.GetTimestamp();

                // Before the beat, which so vouches for it: a console that hears beats knows the desks as of the last one.
                if (desks.Renew())
                {
                    await console.SendAsync("desks", desks.Told, gone);
                }

                await BeatAsync(console, news, last);
            }
        }
    }

    /// <summary>Only an alarm's first version is a press; what was raised without a signal, or long ago, is not measured.</summary>
    private void Measure(AlarmView alarm, DateTimeOffset from)
    {
        if (alarm.Version == 1 && meter.Presses.Of(alarm.Id) is { } press)
        {
            var now = time.GetUtcNow();
            meter.Pushed(now - press.ReceivedAt);
            SignalTrace.Pushed(press.Trace, from, now);
        }
    }

    private Task BeatAsync(IClientProxy console, FeedNews news, long last) =>
        console.SendAsync("heartbeat", new { epoch = queue.Epoch, seq = last, serverTime = time.HubNow(), openCritical = news.OpenCritical, openTotal = news.OpenTotal, trouble = trouble.Now }, gone);

    [LoggerMessage(3001, LogLevel.Error, "The feed of console {ConnectionId} ended")]
    private partial void LogFailed(Exception failure, string connectionId);
}
