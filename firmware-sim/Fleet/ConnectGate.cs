namespace CareHub.Simulator.Fleet;

/// <summary>
/// Lets devices connect at a bounded rate and a bounded number at a time, first come first served among those whose
/// pause is over.
/// </summary>
internal sealed class ConnectGate(FleetLimits limits, TimeProvider time)
{
    private static readonly TimeSpan StillConnecting = TimeSpan.FromMilliseconds(100);

    private readonly PriorityQueue<DeviceSession, (long Timestamp, int Order)> _waiting = new();
    private readonly HashSet<DeviceSession> _connecting = [];
    private long _allowanceFrom = time.GetTimestamp();
    private double _allowance = 1;
    private int _order;

    public void Add(DeviceSession session, TimeSpan pause) =>
        _waiting.Enqueue(session, (time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency), _order++));

    /// <summary>Its handshake is over, one way or the other.</summary>
    public void Left(DeviceSession session) => _connecting.Remove(session);

    public void Open()
    {
        var now = time.GetTimestamp();
        // Unused allowance is worth a tenth of a second at most, so that a pause is not followed by a burst.
        _allowance = Math.Min(Math.Max(1, limits.ConnectsPerSecond / 10), _allowance + (time.GetElapsedTime(_allowanceFrom, now).TotalSeconds * limits.ConnectsPerSecond));
        _allowanceFrom = now;
        while (_allowance >= 1 && _connecting.Count < limits.ConnectingMax && _waiting.TryPeek(out var session, out var due) && due.Timestamp <= now)
        {
            _waiting.Dequeue();
            // It may have been taken offline while it waited; it comes back by itself.
            if (session.IsHeldOffline || session.IsOnline)
                continue;
            if (_connecting.Add(session))
            {
                _allowance--;
                session.Connect();
            }
            else
            {
                // The end of a handshake that was broken off is still on its way.
                Add(session, StillConnecting);
            }
        }
    }
}
