namespace CareHub.Mqtt.Client;

/// <summary>
/// The publishes of QoS 1 and 2 that may be unacknowledged, and those that wait for a place, which get it in the order in
/// which they were asked for: messages of a topic must not overtake one another.
/// </summary>
internal sealed class PublishWindow(int places)
{
    private readonly Lock _gate = new();
    private readonly Queue<(PublishOperation Operation, Action Send)> _waiting = new();
    private int _free = places;
    private Exception? _closed;

    /// <summary>Sends now, or when there is a place. <paramref name="send"/> runs under the window's lock: it only fills the output.</summary>
    public void Enter(PublishOperation operation, Action send, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_closed is { } closed)
            {
                operation.Fail(closed);
            }
            else if (_free > 0)
            {
                _free--;
                Begin(operation, send);
            }
            else
            {
                operation.CancelWith(cancellationToken);
                _waiting.Enqueue((operation, send));
            }
        }
    }

    /// <summary>A publish is acknowledged.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var next))
            {
                if (Begin(next.Operation, next.Send))
                {
                    return;
                }
            }

            _free++;
        }
    }

    public void Close(Exception exception)
    {
        lock (_gate)
        {
            _closed = exception;
            foreach (var (operation, _) in _waiting)
            {
                operation.Fail(exception);
            }

            _waiting.Clear();
        }
    }

    /// <summary>False when it was cancelled while it waited.</summary>
    private static bool Begin(PublishOperation operation, Action send)
    {
        if (!operation.TryBegin())
        {
            return false;
        }

        try
        {
            send();
        }
        catch (Exception exception)
        {
            operation.Fail(exception);
        }

        return true;
    }
}
