using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Transport;

namespace CareHub.Mqtt.Broker;

/// <summary>
/// One network connection: its reading loop, what its client allows, and how it ends. What packets mean is
/// <see cref="ClientProtocol"/>'s matter.
/// </summary>
internal sealed class Connection : BufferedOutput
{
    private readonly BrokerCore _broker;
    private readonly PipeReader _input;
    private Dictionary<byte[], ushort>? _aliases;
    private int _cause = -1;
    private bool _active;
    private long _lastActiveMs;
    private int _reading = 1;
    private ClientProtocol? _protocol;

    public Connection(BrokerCore broker, IDuplexPipe transport, EndPoint? remote, X509Certificate2? certificate, Action abort)
        : base(transport.Output)
    {
        _broker = broker;
        _input = transport.Input;
        Scheduler = transport as IWorkScheduler ?? PoolScheduler.Instance;
        Remote = remote;
        Certificate = certificate;
        Abort = abort;
        _lastActiveMs = broker.Clock.NowMs;
        DeadlineMs = _lastActiveMs + broker.Limits.ConnectTimeoutMs;
    }

    /// <summary>Where what comes from elsewhere goes on.</summary>
    public IWorkScheduler Scheduler { get; }

    public EndPoint? Remote { get; }

    public X509Certificate2? Certificate { get; }

    /// <summary>Cuts the transport without another byte.</summary>
    public Action Abort { get; }

    /// <summary>Neighbours in the <see cref="ConnectionSet"/>, guarded by it.</summary>
    public Connection? NextOpen { get; set; }

    /// <summary>As <see cref="NextOpen"/>.</summary>
    public Connection? PreviousOpen { get; set; }

    public byte Level { get; private set; }

    public bool V5 => Level == ProtocolLevel.V5;

    public Session? Session { get; private set; }

    public MqttPeer? Peer { get; private set; }

    /// <summary>The will, until a DISCONNECT removes it [MQTT-3.14.4-3] or it is published.</summary>
    public Will? Will { get; private set; }

    /// <summary>Messages of QoS 1 and 2 that may be unacknowledged at once.</summary>
    public int InflightMax { get; private set; }

    /// <summary>Largest packet that the client takes.</summary>
    public uint PacketBytesMax { get; private set; } = uint.MaxValue;

    /// <summary>The client wants reason strings on any packet [MQTT-3.1.2-29].</summary>
    public bool WantsProblemInformation { get; private set; } = true;

    /// <summary>Aliases that the client accepts.</summary>
    public ushort AliasMaximum { get; private set; }

    /// <summary>One and a half keep-alives in milliseconds; 0 for none.</summary>
    public int KeepAliveLimitMs { get; private set; }

    /// <summary>When it has to be accepted, or, once it is closing, gone; 0 in between.</summary>
    public long DeadlineMs { get; private set; }

    /// <summary>The broker itself has stopped reading it; its silence is not its fault.</summary>
    public bool IsPaused { get; set; }

    public DisconnectCause? Cause => _cause < 0 ? null : (DisconnectCause)_cause;

    /// <summary>Takes over what the CONNECT says about the client.</summary>
    public void Configure(ConnectPacket connect, MqttPeer peer, ushort keepAliveSeconds)
    {
        Level = connect.Level;
        Peer = peer;
        InflightMax = Math.Min(connect.ReceiveMaximum, _broker.Limits.InflightMax);
        PacketBytesMax = connect.PacketBytesMax;
        AliasMaximum = Math.Min(connect.TopicAliasMaximum, _broker.Limits.OutboundTopicAliasMax);
        WantsProblemInformation = connect.RequestProblemInformation;
        KeepAliveLimitMs = keepAliveSeconds * 1_500;
        Will = connect.Will is { } will ? new Will(will, peer) : null;
    }

    /// <summary>The session is this connection's from now on, and its lock guards the output.</summary>
    public void Join(Session session)
    {
        Session = session;
        Gate = session;
        DeadlineMs = 0;
        _lastActiveMs = _broker.Clock.NowMs;
    }

    public Will? TakeWill()
    {
        var will = Will;
        Will = null;
        return will;
    }

    /// <summary>Serves the connection until it ends.</summary>
    public async Task RunAsync()
    {
        try
        {
            _protocol = await Handshake.RunAsync(_broker, this, _input).ConfigureAwait(false);
            FlushBatch.Current.FlushAll();
            if (_protocol is { } protocol)
            {
                await ReceiveAsync(protocol).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The transport broke; that is an ordinary end.
            SetCause(DisconnectCause.ConnectionLost);
        }
        catch (Exception exception)
        {
            SetCause(DisconnectCause.ServerDisconnect);
            BrokerLog.ConnectionFailed(_broker.Logger, exception);
        }

        Volatile.Write(ref _reading, 0);
        SetCause(DisconnectCause.ConnectionLost);
        if (_protocol is not null)
        {
            End();
        }

        DeadlineMs = _broker.Clock.NowMs + _broker.Limits.CloseTimeoutMs;
        FlushBatch.Current.FlushAll();
        await WhenDrained().ConfigureAwait(false);
        CloseOutput();
    }

    /// <summary>
    /// Ends the connection from any thread. A 5.0 client is told why, unless it never got a CONNACK [MQTT-3.14.0-1].
    /// The first cause stands.
    /// </summary>
    public void Close(DisconnectCause cause, ReasonCode? reason)
    {
        SetCause(cause);
        if (reason is { } code)
        {
            WriteDisconnect(code, null);
        }

        FlushBatch.Current.FlushAll();
        StopReading();
    }

    /// <summary>Why it ends; the first to say so is right.</summary>
    public void SetCause(DisconnectCause cause) => Interlocked.CompareExchange(ref _cause, (int)cause, -1);

    public void WriteDisconnect(ReasonCode reason, string? reasonString)
    {
        if (!V5 || Session is null)
        {
            return; // only 5.0 servers send DISCONNECT
        }

        var packet = AckEncoder.Disconnect(reason, WantsProblemInformation ? reasonString : null);
        lock (Gate)
        {
            if (packet.Length <= PacketBytesMax && !IsClosed)
            {
                Write(packet);
            }
        }
    }

    /// <summary>Called by the broker's sweep: has the client been silent for too long, or is a deadline past?</summary>
    public SweepVerdict Look(long nowMs)
    {
        if (DeadlineMs != 0)
        {
            return DeadlineMs <= nowMs ? SweepVerdict.Abort : SweepVerdict.Keep;
        }

        if (_active || IsPaused)
        {
            _active = false;
            _lastActiveMs = nowMs;
            return SweepVerdict.Keep;
        }

        return KeepAliveLimitMs > 0 && nowMs - _lastActiveMs >= KeepAliveLimitMs ? SweepVerdict.Silent : SweepVerdict.Keep;
    }

    /// <summary>Would the packet stay within the client's Maximum Packet Size [MQTT-3.1.2-24]?</summary>
    public bool Fits(ref MessageView message, PublishHead head)
    {
        if (PacketBytesMax == uint.MaxValue)
        {
            return true;
        }

        head.V5 = V5;
        head.Alias = (ushort)(AliasMaximum > 0 ? 1 : 0);
        head.ExpirySeconds = message.ExpiresAtMs == StoredMessage.Never ? null : 0;
        return PublishEncoder.Measure(head, message.Topic.Length, message.Properties.Length, message.Payload.Length) <= PacketBytesMax;
    }

    /// <summary>Encodes a PUBLISH. Called under the gate. A QoS 0 message that the client could not take is dropped.</summary>
    public void WritePublish(ref MessageView message, PublishHead head)
    {
        if (head.Qos == 0 && !Fits(ref message, head))
        {
            _broker.Statistics.CountTooLarge(); // [MQTT-3.1.2-25]
            return;
        }

        if (IsClosed)
        {
            return;
        }

        head.V5 = V5;
        if (V5)
        {
            head.ExpirySeconds = _broker.Clock.SecondsUntil(message.ExpiresAtMs); // [MQTT-3.3.2-6]
            if (AliasMaximum > 0)
            {
                ChooseAlias(message.Topic, ref head);
            }
        }

        var bytes = PublishEncoder.Measure(head, message.Topic.Length, message.Properties.Length, message.Payload.Length);
        PublishEncoder.Write(Reserve(bytes), head, message.Topic, message.Properties, message.Payload);
    }

    /// <summary>Encodes an acknowledgement. Called under the gate.</summary>
    public void WriteAck(PacketType type, ushort packetId, ReasonCode reason, string? reasonString = null)
    {
        if (IsClosed)
        {
            return;
        }

        if (reasonString is not null && V5 && WantsProblemInformation)
        {
            var packet = AckEncoder.WithReasonString(type, packetId, reason, reasonString);
            if (packet.Length <= PacketBytesMax)
            {
                Write(packet);
                return; // otherwise without the text [MQTT-3.4.2-2]
            }
        }

        Span<byte> ack = stackalloc byte[AckEncoder.ShortBytesMax];
        Write(ack[..AckEncoder.Write(ack, type, packetId, V5, reason)]);
    }

    protected override void OnDrained()
    {
        if (Session is { } session)
        {
            lock (session)
            {
                if (ReferenceEquals(session.Connection, this))
                {
                    session.Pump();
                }
            }
        }

        FlushBatch.Current.FlushAll();
    }

    private async Task ReceiveAsync(ClientProtocol protocol)
    {
        while (true)
        {
            var result = await _input.ReadAsync().ConfigureAwait(false);
            if (result.IsCanceled || Cause is not null)
            {
                return;
            }

            _active = true;
            var buffer = result.Buffer;
            var progress = protocol.Process(ref buffer);
            _input.AdvanceTo(buffer.Start, progress == ReceiveProgress.NeedMore ? buffer.End : buffer.Start);
            FlushBatch.Current.FlushAll();
            if (progress == ReceiveProgress.Close || (progress == ReceiveProgress.NeedMore && result.IsCompleted))
            {
                return;
            }

            if (progress == ReceiveProgress.Paused)
            {
                IsPaused = true;
                await protocol.WhenRoom().ConfigureAwait(false);
                IsPaused = false;
            }
            else if (PendingBytes >= _broker.Limits.OutboundBytesMax)
            {
                await WhenDrained().ConfigureAwait(false);
            }
        }
    }

    private void StopReading()
    {
        if (Volatile.Read(ref _reading) == 1)
        {
            try
            {
                _input.CancelPendingRead();
            }
            catch (InvalidOperationException)
            {
                // It ended on its own meanwhile.
            }

            _protocol?.StopWaiting();
        }

        DeadlineMs = _broker.Clock.NowMs + _broker.Limits.CloseTimeoutMs;
    }

    private void End()
    {
        var cause = Cause ?? DisconnectCause.ConnectionLost;
        _broker.Sessions.Detach(this, publishWill: Will is not null);
        BrokerLog.Gone(_broker.Logger, Peer!.ClientId, cause);
        _broker.Handler.Disconnected(Peer!, cause);
    }

    private void ChooseAlias(ReadOnlySpan<byte> topic, ref PublishHead head)
    {
        _aliases ??= new Dictionary<byte[], ushort>(Topics.Utf8KeyComparer.Instance);
        if (_aliases.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out var alias))
        {
            head.Alias = alias;
            head.AliasKnown = true;
        }
        else if (_aliases.Count < AliasMaximum)
        {
            head.Alias = (ushort)(_aliases.Count + 1);
            _aliases.Add(topic.ToArray(), head.Alias);
        }
    }
}

internal enum SweepVerdict : byte
{
    Keep,
    Silent,
    Abort,
}

internal enum ReceiveProgress : byte
{
    /// <summary>Everything complete was handled.</summary>
    NeedMore,

    /// <summary>The handler is behind: go on when it has caught up.</summary>
    Paused,

    /// <summary>The connection ends.</summary>
    Close,
}
