using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Client;

/// <summary>Packet identifiers in use and who waits for their answers.</summary>
internal sealed class PendingOperations
{
    private readonly Dictionary<ushort, Operation> _operations = [];
    private ushort _lastId;
    private Exception? _closed;

    /// <summary>Takes a free packet identifier.</summary>
    /// <exception cref="MqttException">The connection has ended.</exception>
    public ushort Add(Operation operation)
    {
        lock (_operations)
        {
            if (_closed is { } closed)
            {
                throw new MqttException("The connection has ended.", inner: closed);
            }

            if (_operations.Count == ushort.MaxValue)
            {
                throw new InvalidOperationException("All packet identifiers are in use.");
            }

            do
            {
                _lastId = _lastId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastId + 1);
            }
            while (_operations.ContainsKey(_lastId));
            _operations.Add(_lastId, operation);
            return _lastId;
        }
    }

    public Operation? Find(ushort packetId)
    {
        lock (_operations)
        {
            return _operations.GetValueOrDefault(packetId);
        }
    }

    public Operation? Remove(ushort packetId)
    {
        lock (_operations)
        {
            return _operations.Remove(packetId, out var operation) ? operation : null;
        }
    }

    /// <summary>Fails everything that waits, and everything that comes.</summary>
    public void Close(Exception exception)
    {
        Operation[] waiting;
        lock (_operations)
        {
            _closed ??= exception;
            waiting = [.. _operations.Values];
            _operations.Clear();
        }

        foreach (var operation in waiting)
        {
            operation.Fail(new MqttException("The connection has ended.", inner: exception));
        }
    }
}

/// <summary>Waits for one answer of the server.</summary>
internal abstract class Operation
{
    public abstract void Fail(Exception exception);
}

internal sealed class PublishOperation(byte qos) : Operation
{
    private readonly TaskCompletionSource<MqttPublishResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CancellationTokenRegistration _cancellation;
    private int _begun;

    public byte Qos { get; } = qos;

    public Task<MqttPublishResult> Task => _result.Task;

    /// <summary>Gives up when the token says so, as long as it has not begun.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) =>
                {
                    var operation = (PublishOperation)state!;
                    if (operation.TryBegin())
                    {
                        operation._result.TrySetCanceled(token);
                    }
                },
                this);
        }
    }

    /// <summary>True for the first that asks: it is sent, or cancelled.</summary>
    public bool TryBegin()
    {
        var first = Interlocked.Exchange(ref _begun, 1) == 0;
        _cancellation.Unregister();
        return first;
    }

    public void Complete(ReasonCode reason, string? reasonString) => _result.TrySetResult(new MqttPublishResult(reason, reasonString));

    public override void Fail(Exception exception) => _result.TrySetException(exception);
}

internal sealed class CodesOperation(PacketType answer) : Operation
{
    private readonly TaskCompletionSource<IReadOnlyList<ReasonCode>> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>SUBACK or UNSUBACK.</summary>
    public PacketType Answer { get; } = answer;

    public Task<IReadOnlyList<ReasonCode>> Task => _result.Task;

    public void Complete(IReadOnlyList<ReasonCode> codes) => _result.TrySetResult(codes);

    public override void Fail(Exception exception) => _result.TrySetException(exception);
}
