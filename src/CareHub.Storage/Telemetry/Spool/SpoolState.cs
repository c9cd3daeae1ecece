namespace CareHub.Storage.Telemetry.Spool;

/// <summary>How the spool stands, for health, status and metrics.</summary>
/// <param name="Bytes">On disk now.</param>
/// <param name="BytesMax">Its quota.</param>
/// <param name="Queued">Readings that wait for the next commit.</param>
/// <param name="Committed">Readings put on disk since the hub started.</param>
/// <param name="Commits">Commits since the hub started.</param>
/// <param name="FailedCommits">Commits that failed since the hub started; nothing of them was acknowledged.</param>
/// <param name="Failing">Whether the last commit failed.</param>
/// <param name="Refused">Readings without a promise (QoS 0) that were shed because too many waited.</param>
/// <param name="Shed">Readings that the quota took before every store had them.</param>
/// <param name="LastShedAt">When that happened last.</param>
/// <param name="NotApplied">Readings that are on disk and not in telemetry.db yet.</param>
internal sealed record SpoolState(
    long Bytes, long BytesMax, int Queued, long Committed, long Commits, long FailedCommits, bool Failing, long Refused, long Shed, DateTimeOffset? LastShedAt, long NotApplied);
