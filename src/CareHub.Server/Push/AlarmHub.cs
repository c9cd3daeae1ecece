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
internal sealed partial class AlarmHub(LiveQueue queue, ConsoleBook consoles, RegistryView registry, AlarmScope scope, TriagePipeline pipeline, HubTrouble trouble, HubMeter meter, IHubContext<AlarmHub> hub, TimeProvider time, ILogger<AlarmHub> log) : Hub
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
            await EndAsync(state.Feed);
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
        var (before, ended) = (state.Feed, CancellationTokenSource.CreateLinkedTokenSource(Context.ConnectionAborted));

        // The new one is in place before the old one ends: a desk that asks anew has not left.
        state.Feed = ended;
        await EndAsync(before);
        var desks = new NearerDesks(consoles, registry, state.Caller.RegionId);
        desks.Renew();
        var snapshot = queue.Subscribe(state.Caller.RegionId, cursor) with { Desks = desks.Told };
        var feed = new ConsoleFeed(queue, desks, trouble, meter, hub, time, Context.ConnectionId, state.Caller.RegionId, snapshot.Seq, log, ended.Token);
        _ = Task.Run(() => FollowAsync(consoles, state, feed, ended), CancellationToken.None);
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
        if (state.Audio.Ok && !report.Ok)
        {
            LogInaudible(state.Caller.User);
        }

        state.Audio = report;
    }

    /// <summary>Only to consoles that may see the alarm: who looks at it is part of it.</summary>
    private Task AnnounceViewersAsync(string alarmId)
    {
        var allowed = consoles.Where(console => scope.SiteOf(console.Caller, alarmId) is not null);
        return Clients.Clients(allowed).SendAsync("viewing", new { alarmId, viewers = consoles.ViewersOf(alarmId) });
    }

    private ConsoleState State() => consoles.Find(Context.ConnectionId) ?? throw new HubException("the connection is closing");

    /// <summary>Whatever ends a feed: a console that hears of nothing more is no desk, though its connection may live on.</summary>
    private static async Task FollowAsync(ConsoleBook consoles, ConsoleState state, ConsoleFeed feed, CancellationTokenSource ended)
    {
        await feed.RunAsync();
        await ended.CancelAsync();
        if (state.Feed == ended)
        {
            consoles.Muster();
        }
    }

    private static Task EndAsync(CancellationTokenSource? feed) => feed?.CancelAsync() ?? Task.CompletedTask;

    [LoggerMessage(3002, LogLevel.Information, "Console of {User} connected; {Consoles} now")]
    private partial void LogConnected(string user, int consoles);

    [LoggerMessage(3003, LogLevel.Information, "Console of {User} disconnected; {Consoles} now")]
    private partial void LogDisconnected(string user, int consoles);

    [LoggerMessage(3004, LogLevel.Warning, "The console of {User} can no longer be heard")]
    private partial void LogInaudible(string user);
}
