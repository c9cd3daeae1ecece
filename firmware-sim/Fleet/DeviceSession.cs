using CareHub.Mqtt.Packets;
using CareHub.Simulator.Devices;
using CareHub.Simulator.Wire;

namespace CareHub.Simulator.Fleet;

/// <summary>
/// A device's side of its connection: connects when it may, sends what is in the outbox, and sends again after a loss
/// what was not acknowledged. Called by the fleet alone; what happens on the connection's threads comes as mail.
/// </summary>
internal sealed class DeviceSession(Device device, FleetContext context)
{
    private readonly Topics _topics = Topics.Of(device.Identity.Id);
    private readonly Outbox _outbox = new(context.Limits, context.Ledger);
    private readonly SeededRandom _jitter = SeededRandom.For(context.Seed, $"{device.Identity.Id}/reconnect");
    private IDeviceLink? _link;
    private int _connection;
    private int _failures;
    private bool _everOnline;

    public Device Device => device;

    public bool IsOnline { get; private set; }

    /// <summary>Its day has it offline now, so it does not connect.</summary>
    public bool IsHeldOffline { get; private set; }

    /// <summary>Whether everything it had to tell is told.</summary>
    public bool IsDone => _outbox.IsEmpty;

    public bool WasNeverOnline => !_everOnline;

    public void Accept(DeviceEvent happened)
    {
        switch (happened)
        {
            case DeviceEvent.Signal signal:
                _outbox.Add(signal, IsOnline ? _connection : 0);
                Pump();
                break;
            case DeviceEvent.Sample sample:
                _outbox.Add(new TimedSample(context.Clock.ToWall(sample.At), sample.Values));
                Pump();
                break;
            case DeviceEvent.Heartbeat heartbeat when IsOnline:
                _outbox.SetStatus(Payloads.Online(heartbeat.BatteryPercent));
                Pump();
                break;
            case DeviceEvent.LinkLost:
                IsHeldOffline = true;
                Drop();
                break;
            case DeviceEvent.LinkBack:
                LetOnline();
                break;
        }
    }

    /// <summary>Nothing holds it offline any more.</summary>
    public void LetOnline()
    {
        if (!IsHeldOffline)
            return;
        IsHeldOffline = false;
        _failures = 0;
        context.ConnectLater(this, TimeSpan.Zero);
    }

    /// <summary>Begins a handshake; its end comes as mail.</summary>
    public void Connect()
    {
        var connection = ++_connection;
        var link = context.Links.Create(device.Identity);
        _link = link;
        _ = ConnectAsync(link, connection);
    }

    public void Take(in Notice notice)
    {
        if (notice.Connection != _connection || _link is null)
            return;
        switch (notice.Kind)
        {
            case NoticeKind.Connected when notice.Reason < ReasonCode.UnspecifiedError:
                Connected();
                break;
            case NoticeKind.Connected:
                ConnectFailed(notice.Reason.ToString());
                break;
            case NoticeKind.ConnectFailed:
                ConnectFailed(notice.Text ?? "unknown");
                break;
            case NoticeKind.Acknowledged:
                Acknowledged(notice);
                break;
            case NoticeKind.Closed:
                if (IsOnline)
                    context.Ledger.LinksLost++;
                Drop();
                ReconnectLater();
                break;
        }
    }

    /// <summary>Says goodbye and is done.</summary>
    public Task EndAsync()
    {
        var link = _link;
        IsHeldOffline = true;
        if (link is null || !IsOnline)
        {
            Drop();
            return Task.CompletedTask;
        }

        SetOnline(false);
        _link = null;
        return link.DisconnectAsync();
    }

    private void Connected()
    {
        _failures = 0;
        _everOnline = true;
        context.Ledger.Connects++;
        SetOnline(true);
        _outbox.SetStatus(Payloads.Online(device.BatteryPercent));
        Pump();
    }

    private void ConnectFailed(string reason)
    {
        context.Ledger.ConnectFailed(reason);
        Drop();
        ReconnectLater();
    }

    private void Acknowledged(in Notice notice)
    {
        var message = notice.Message!;
        if (!_outbox.Settle(message))
            return;
        var tally = context.Ledger.Of(message.Kind);
        if (notice.Reason < ReasonCode.UnspecifiedError)
            tally.Acknowledged += message.Weight;
        else
            tally.Refused[notice.Reason] = tally.Refused.GetValueOrDefault(notice.Reason) + message.Weight;
        tally.Latency.Record(context.Time.GetElapsedTime(message.SentTimestamp, notice.Timestamp));
        Pump();
    }

    private void Pump()
    {
        while (IsOnline && _outbox.TakeNext() is { } message)
            Send(message, _link!);
    }

    private void Send(Message message, IDeviceLink link)
    {
        var tally = context.Ledger.Of(message.Kind);
        if (message.Attempts++ == 0)
        {
            tally.Sent += message.Weight;
            Seal(message);
        }
        else
        {
            tally.SentAgain += message.Weight;
        }

        message.SentTimestamp = context.Time.GetTimestamp();
        var topic = message.Kind switch
        {
            MessageKind.Signal => _topics.Signal,
            MessageKind.Reading => _topics.Reading,
            _ => _topics.Status,
        };
        _ = PublishAsync(link, _connection, message, topic);
    }

    /// <summary>Gives a message its bytes, which stay the same however often it is sent.</summary>
    private void Seal(Message message)
    {
        if (message.Signal is { } signal)
        {
            var at = context.Clock.ToWall(signal.At);
            var id = SignalId.Create(context.RunId, device.Identity.Id, signal.Number, at);
            message.Payload = Payloads.Signal(id, signal.Type, signal.Details, at, buffered: message.BornInConnection != _connection);
        }
        else if (message.Samples is { } samples)
        {
            message.Payload = Payloads.Readings(samples);
        }
    }

    private void Drop()
    {
        _link?.Abort();
        _link = null;
        SetOnline(false);
        _outbox.ReturnInFlight();
    }

    private void ReconnectLater()
    {
        if (IsHeldOffline)
            return;
        var full = context.Limits.ReconnectMin * Math.Pow(2, Math.Min(_failures++, 20));
        context.ConnectLater(this, (full < context.Limits.ReconnectMax ? full : context.Limits.ReconnectMax) * _jitter.Between(0.5, 1));
    }

    private void SetOnline(bool online)
    {
        if (IsOnline != online)
            context.Ledger.DevicesOnline += online ? 1 : -1;
        IsOnline = online;
    }

    private async Task ConnectAsync(IDeviceLink link, int connection)
    {
        Notice notice;
        try
        {
            using var timeout = new CancellationTokenSource(context.Limits.ConnectTimeout, context.Time);
            var reason = await link.ConnectAsync(timeout.Token);
            notice = new Notice(this, connection, NoticeKind.Connected, reason);
        }
        catch (OperationCanceledException)
        {
            notice = new Notice(this, connection, NoticeKind.ConnectFailed, Text: "no answer in time");
        }
        catch (Exception error)
        {
            notice = new Notice(this, connection, NoticeKind.ConnectFailed, Text: error.Message);
        }

        context.Post(notice);
        if (notice is { Kind: NoticeKind.Connected, Reason: < ReasonCode.UnspecifiedError })
        {
            await link.Closed;
            context.Post(new Notice(this, connection, NoticeKind.Closed));
        }
    }

    private async Task PublishAsync(IDeviceLink link, int connection, Message message, string topic)
    {
        try
        {
            var reason = await link.PublishAsync(topic, message.Payload, qos: 1, retain: message.Kind == MessageKind.Status);
            context.Post(new Notice(this, connection, NoticeKind.Acknowledged, reason, message, Timestamp: context.Time.GetTimestamp()));
        }
        catch (Exception)
        {
            context.Post(new Notice(this, connection, NoticeKind.Closed));
        }
    }
}
