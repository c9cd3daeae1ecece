namespace CareHub.Server.Bridge;

/// <summary>One lane of a bridge, as a person sees it.</summary>
/// <param name="ConnectedSince">Null while there is no connection.</param>
/// <param name="SessionPresent">The other broker had kept the session when the last connection began.</param>
/// <param name="RefusedFilters">What the other broker does not let the hub subscribe to.</param>
/// <param name="Received">Messages, since the start.</param>
/// <param name="Acknowledged">Messages of QoS 1 and 2 that the other broker may forget.</param>
/// <param name="Waiting">Messages whose effect is not on disk yet.</param>
/// <param name="Unregistered">Messages of devices that the hub does not know or that are disabled; acknowledged.</param>
/// <param name="Stale">Retained messages, which say what was and raise nothing.</param>
/// <param name="Foreign">Messages on topics that no device of the hub speaks on.</param>
/// <param name="Lost">Messages of QoS 0 that could not be kept.</param>
internal sealed record BridgeStatus(
    string Name, BridgeLane Lane, bool Connected, DateTimeOffset? ConnectedSince, bool SessionPresent, int Connections, string? LastError, DateTimeOffset? LastErrorAt,
    IReadOnlyList<string> RefusedFilters, long Received, long Acknowledged, int Waiting, long Unregistered, long Stale, long Foreign, long Lost);

/// <summary>What a lane's link and intake note about themselves.</summary>
internal sealed class BridgeState(string name, BridgeLane lane)
{
    private readonly Lock _gate = new();
    private DateTimeOffset? _connectedSince;
    private bool _sessionPresent;
    private int _connections;
    private string? _lastError;
    private DateTimeOffset? _lastErrorAt;
    private IReadOnlyList<string> _refusedFilters = [];
    private long _received;
    private long _acknowledged;
    private int _waiting;
    private long _unregistered;
    private long _stale;
    private long _foreign;
    private long _lost;

    public string Name => name;

    public BridgeLane Lane => lane;

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public void CountReceived()
    {
        Interlocked.Increment(ref _received);
        Interlocked.Increment(ref _waiting);
    }

    public void CountDone(bool acknowledged)
    {
        Interlocked.Decrement(ref _waiting);
        if (acknowledged)
        {
            Interlocked.Increment(ref _acknowledged);
        }
    }

    public void CountUnregistered() => Interlocked.Increment(ref _unregistered);

    public void CountStale() => Interlocked.Increment(ref _stale);

    public void CountForeign() => Interlocked.Increment(ref _foreign);

    public void CountLost() => Interlocked.Increment(ref _lost);

    public void Connected(DateTimeOffset now, bool sessionPresent)
    {
        lock (_gate)
        {
            (_connectedSince, _sessionPresent) = (now, sessionPresent);
            _connections++;
        }
    }

    public void Disconnected()
    {
        lock (_gate)
        {
            _connectedSince = null;
        }
    }

    public void Failed(DateTimeOffset now, string error)
    {
        lock (_gate)
        {
            (_lastError, _lastErrorAt) = (error, now);
        }
    }

    public void Refused(IReadOnlyList<string> filters)
    {
        lock (_gate)
        {
            _refusedFilters = filters;
        }
    }

    public BridgeStatus Snapshot()
    {
        lock (_gate)
        {
            return new BridgeStatus(
                name, lane, _connectedSince is not null, _connectedSince, _sessionPresent, _connections, _lastError, _lastErrorAt, _refusedFilters,
                Interlocked.Read(ref _received), Acknowledged, Volatile.Read(ref _waiting), Interlocked.Read(ref _unregistered), Interlocked.Read(ref _stale),
                Interlocked.Read(ref _foreign), Interlocked.Read(ref _lost));
        }
    }
}
