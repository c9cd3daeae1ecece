using CareHub.Server.BrokerStore;

namespace CareHub.Server.SelfWatch;

/// <summary>What is wrong with the hub right now, in code words that consoles translate.</summary>
/// <remarks>
/// An alarm about a disk that cannot be written cannot be written. So this goes another way: it rides on every heartbeat,
/// and each console shows it across the screen until a heartbeat comes without it.
/// </remarks>
internal sealed class HubTrouble(StartUp start, SqliteSessionStore sessions, TimeProvider time)
{
    /// <summary>Nothing can be put on record: signals are not acknowledged, and devices keep them.</summary>
    public const string CommitFails = "commit_fails";

    /// <summary>A commit has been on its way to the disk for longer than <see cref="SlowCommit"/>.</summary>
    public const string CommitHangs = "commit_hangs";

    /// <summary>There are signals or deadlines that triage cannot take: they are not acknowledged, and all others are served.</summary>
    public const string TriageFails = "triage_fails";

    /// <summary>Sessions of devices cannot be kept: subscriptions and what is queued for absent devices wait with their answers.</summary>
    public const string SessionsFail = "sessions_fail";

    public static readonly IReadOnlyList<string> All = [CommitFails, CommitHangs, TriageFails, SessionsFail];

    public static readonly TimeSpan SlowCommit = TimeSpan.FromSeconds(3);

    private static readonly string[] Fails = [CommitFails];
    private static readonly string[] Hangs = [CommitHangs];
    private static readonly string[] Triage = [TriageFails];
    private static readonly string[] Sessions = [SessionsFail];

    public IReadOnlyList<string> Now
    {
        get
        {
            var committer = start.Pipeline.Committer;
            return committer.IsFailing ? Fails
                : committer.BusyFor(time) > SlowCommit ? Hangs
                : start.Pipeline.IsFailing ? Triage
                : sessions.IsFailing ? Sessions
                : [];
        }
    }
}
