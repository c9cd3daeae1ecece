using CareHub.Core.Alarms;
using CareHub.Server.Metrics;
using CareHub.Server.Pipeline;
using CareHub.Server.Security;
using CareHub.Server.SelfWatch;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;

namespace CareHub.Server.Push;

/// <summary>The live queue's wire: docs/api.md, "SignalR".</summary>
[Authorize]
internal sealed partial class AlarmHub(LiveQueue queue, ConsoleBook consoles, AlarmScope scope, TriagePipeline pipeline, HubTrouble trouble, HubMeter meter, IHubContext<AlarmHub> hub, TimeProvider time, ILogger<AlarmHub> log) : Hub
{
    private const int SeenIdsMax = 1_000;

    public override Task OnConnectedAsync()
    {
        var caller = Caller.Of(Context.User!);
        consoles.Add(Context.ConnectionId, caller);
        LogConnected(caller.User, consoles.Count);
        return base.OnConnectedAsync();
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        if (consoles.Remove(Context.ConnectionId) is { } state)
        {
            await StopFeedAsync(state);
            if (state.Viewing is { } viewing)
            {
                await AnnounceViewersAsync(viewing);
            }

            LogDisconnected(state.Caller.User, consoles.Count);
        }

        await base.OnDisconnectedAsync(exception);
    }

    public async Task<FeedSnapshot> Subscribe(FeedCursor? cursor)
    {
        var state = State();
        await StopFeedAsync(state);
        var snapshot = queue.Subscribe(state.Caller.RegionId, cursor);
        var ended = CancellationTokenSource.CreateLinkedTokenSource(Context.ConnectionAborted);
        state.Feed = ended;
        var feed = new ConsoleFeed(queue, trouble, meter, hub, time, Context.ConnectionId, state.Caller.RegionId, snapshot.Seq, log, ended.Token);
        _ = Task.Run(feed.RunAsync, CancellationToken.None);
        return snapshot;
    }

    /// <summary>A sighting: these alarms have been painted on this screen.</summary>
    public async Task Seen(string[] ids)
    {
        if (ids.Length > SeenIdsMax)
        {
            throw new HubException($"at most {SeenIdsMax} alarms at once");
        }

        // All at once: a screen full of rows is one commit, not one after another.
        var caller = State().Caller;
        await Task.WhenAll(ids.Select(id => (Id: id, SiteId: scope.SiteOf(caller, id))).Where(each => each.SiteId is not null)
            .Select(each => pipeline.CommandAsync(each.SiteId!, new AlarmCommand.Seen(each.Id, 0, caller.Author))));
    }

    public async Task Viewing(string? alarmId)
    {
        var state = State();
        var before = state.Viewing;
        state.Viewing = alarmId is not null && scope.SiteOf(state.Caller, alarmId) is not null ? alarmId : null;
        if (before is not null && before != state.Viewing)
        {
            await AnnounceViewersAsync(before);
        }

        if (state.Viewing is { } now)
        {
            await AnnounceViewersAsync(now);
        }
    }

    public void ReportAudio(AudioReport report)
    {
        var state = State();
        if (state.AudioOk && !report.Ok)
        {
            LogInaudible(state.Caller.User);
        }

        (state.AudioOk, state.AudioConfirmed) = (report.Ok, report.Confirmed);
    }

    /// <summary>Only to consoles that may see the alarm: who looks at it is part of it.</summary>
    private Task AnnounceViewersAsync(string alarmId)
    {
        var allowed = consoles.Where(console => scope.SiteOf(console.Caller, alarmId) is not null);
        return Clients.Clients(allowed).SendAsync("viewing", new { alarmId, viewers = consoles.ViewersOf(alarmId) });
    }

    private ConsoleState State() => consoles.Find(Context.ConnectionId) ?? throw new HubException("the connection is closing");

    private static async Task StopFeedAsync(ConsoleState state)
    {
        if (state.Feed is { } feed)
        {
            state.Feed = null;
            await feed.CancelAsync();
        }
    }

    internal sealed record AudioReport(bool Ok, bool Confirmed);

    [LoggerMessage(3002, LogLevel.Information, "Console of {User} connected; {Consoles} now")]
    private partial void LogConnected(string user, int consoles);

    [LoggerMessage(3003, LogLevel.Information, "Console of {User} disconnected; {Consoles} now")]
    private partial void LogDisconnected(string user, int consoles);

    [LoggerMessage(3004, LogLevel.Warning, "The console of {User} can no longer be heard")]
    private partial void LogInaudible(string user);
}
