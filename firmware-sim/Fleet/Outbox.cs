using CareHub.Simulator.Devices;
using CareHub.Simulator.Wire;

namespace CareHub.Simulator.Fleet;

/// <summary>
/// What a device still has to tell: signals before status before readings. Signals and readings stay until they are
/// acknowledged; this is the device's half of "acknowledged means durable".
/// </summary>
internal sealed class Outbox(FleetLimits limits, Ledger ledger)
{
    private readonly LinkedList<Message> _signals = new();
    private readonly LinkedList<Message> _lostReadings = new();
    private readonly Queue<TimedSample> _samples = new();
    private readonly List<Message> _inFlight = [];
    private Message? _status;

    /// <summary>Whether nothing that must not be lost is left.</summary>
    public bool IsEmpty => _signals.Count == 0 && _samples.Count == 0 && _lostReadings.Count == 0 && _inFlight.Count == 0;

    public int InFlight => _inFlight.Count;

    public void Add(DeviceEvent.Signal signal, int connection)
    {
        ledger.Signals.Born++;
        _signals.AddLast(new Message(MessageKind.Signal) { Signal = signal, BornInConnection = connection });
        if (_signals.Count <= limits.SignalsKeptMax)
            return;
        _signals.RemoveFirst();
        ledger.Signals.Overwritten++;
    }

    public void Add(TimedSample sample)
    {
        ledger.Readings.Born++;
        _samples.Enqueue(sample);
        if (_samples.Count <= limits.SamplesKeptMax)
            return;
        _samples.Dequeue();
        ledger.Readings.Overwritten++;
    }

    /// <summary>The newest status replaces one that has not gone out.</summary>
    public void SetStatus(ReadOnlyMemory<byte> payload)
    {
        if (_status is not null)
            ledger.Statuses.Superseded++;
        ledger.Statuses.Born++;
        _status = new Message(MessageKind.Status) { Payload = payload };
    }

    /// <summary>Takes the next message into flight; null when there is none or enough are in flight.</summary>
    public Message? TakeNext()
    {
        if (_inFlight.Count >= limits.InFlightMax)
            return null;

        Message message;
        if (_signals.First is { } signal)
        {
            _signals.RemoveFirst();
            message = signal.Value;
        }
        else if (_status is { } status)
        {
            _status = null;
            message = status;
        }
        else if (_lostReadings.First is { } lost)
        {
            _lostReadings.RemoveFirst();
            message = lost.Value;
        }
        else if (_samples.Count > 0)
        {
            var samples = new List<TimedSample>(Math.Min(_samples.Count, limits.SamplesPerMessageMax));
            while (samples.Count < limits.SamplesPerMessageMax && _samples.TryDequeue(out var sample))
                samples.Add(sample);
            message = new Message(MessageKind.Reading) { Samples = samples };
        }
        else
        {
            return null;
        }

        _inFlight.Add(message);
        ledger.Of(message.Kind).InFlight += message.Weight;
        return message;
    }

    /// <summary>The hub has answered for it; false when it is not in flight.</summary>
    public bool Settle(Message message)
    {
        if (!_inFlight.Remove(message))
            return false;
        ledger.Of(message.Kind).InFlight -= message.Weight;
        return true;
    }

    /// <summary>The connection is gone: what was in flight goes to the front again, in its order.</summary>
    public void ReturnInFlight()
    {
        for (var i = _inFlight.Count - 1; i >= 0; i--)
        {
            var message = _inFlight[i];
            ledger.Of(message.Kind).InFlight -= message.Weight;
            switch (message.Kind)
            {
                case MessageKind.Signal:
                    _signals.AddFirst(message);
                    break;
                case MessageKind.Reading:
                    _lostReadings.AddFirst(message);
                    break;
                case MessageKind.Status:
                    ledger.Statuses.Superseded++;
                    break;
            }
        }

        _inFlight.Clear();
    }
}
