using System.Text;
using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Client;

/// <summary>
/// A connection to an MQTT server, 3.1.1 or 5.0. It begins connected and ends once: who wants to go on after
/// <see cref="Closed"/> connects anew. Members may be called from any thread. Waiting costs no thread, no buffer and
/// one timer, so a process can hold thousands.
/// </summary>
public sealed class MqttClient : IAsyncDisposable
{
    private readonly MqttClientOptions _options;
    private readonly ClientConnection _connection;
    private readonly ClientProtocolState _protocol;
    private readonly TaskCompletionSource<MqttClosed> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<MqttConnectResult> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PublishWindow? _window;
    private ITimer? _keepAlive;
    private volatile bool _leaving;
    private int _ending;

    private MqttClient(MqttClientOptions options, ClientConnection connection)
    {
        _options = options;
        _connection = connection;
        _protocol = new ClientProtocolState(options, connection, this);
        ClientId = options.ClientId;
        ConnectResult = null!;
    }

    /// <summary>The client identifier in use, assigned by the server when the options named none.</summary>
    public string ClientId { get; private set; }

    /// <summary>What the server said when it accepted the connection.</summary>
    public MqttConnectResult ConnectResult { get; private set; }

    /// <summary>Completes, never faulted, when the connection has ended for whatever reason.</summary>
    public Task<MqttClosed> Closed => _closed.Task;

    /// <summary>Connects.</summary>
    /// <exception cref="MqttException">The server refused (see <see cref="MqttException.Reason"/>) or broke off.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The server cannot be reached.</exception>
    /// <exception cref="TimeoutException"><see cref="MqttClientOptions.ConnectTimeout"/> has passed.</exception>
    public static async Task<MqttClient> ConnectAsync(MqttClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            var connection = await ClientConnection.OpenAsync(options, limit.Token).ConfigureAwait(false);
            var client = new MqttClient(options, connection);
            try
            {
                connection.Send(ClientEncoder.Connect(options));
                FlushBatch.Current.FlushAll();
                _ = client.RunAsync();
                client.Begin(await client._connected.Task.WaitAsync(limit.Token).ConfigureAwait(false));
                return client;
            }
            catch
            {
                await client.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The server did not accept the connection in time.", exception);
        }
    }

    /// <summary>
    /// Publishes. For QoS 1 and 2 the task completes with the server's acknowledgement; when the in-flight window is
    /// full it waits for its turn. For QoS 0 it completes once the message is handed to the transport's buffer.
    /// </summary>
    /// <param name="topic">Topic name.</param>
    /// <param name="payload">Not copied while it waits for its turn: leave it unchanged until the task completes.</param>
    /// <param name="qos">0, 1 or 2.</param>
    /// <param name="retain">Whether the server keeps it for later subscribers.</param>
    /// <param name="properties">5.0 only.</param>
    /// <param name="cancellationToken">Gives up waiting for a turn; what has been sent is not taken back.</param>
    /// <exception cref="MqttException">The connection ended before the acknowledgement: the message may or may not have arrived.</exception>
    /// <exception cref="ArgumentException">The topic is empty or holds a wildcard, or the packet is larger than the server accepts.</exception>
    public Task<MqttPublishResult> PublishAsync(
        string topic,
        ReadOnlyMemory<byte> payload,
        byte qos = 0,
        bool retain = false,
        MqttPublishProperties? properties = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(qos, 2);
        var utf8 = Encoding.UTF8.GetBytes(topic);
        if (!Topics.TopicRules.IsValidName(utf8) || utf8.Length > ushort.MaxValue)
        {
            throw new ArgumentException("Not a valid topic name.", nameof(topic));
        }

        var forwarded = ClientEncoder.Forwarded(_options.Version == MqttVersion.V5 ? properties : null);
        var head = new PublishHead
        {
            V5 = _options.Version == MqttVersion.V5,
            Qos = qos,
            Retain = retain,
            ExpirySeconds = _options.Version == MqttVersion.V5 ? properties?.ExpirySeconds : null,
        };
        if (PublishEncoder.Measure(head, utf8.Length, forwarded.Length, payload.Length) > (ConnectResult.PacketBytesMax ?? uint.MaxValue))
        {
            throw new ArgumentException("The message is larger than the server accepts.", nameof(payload));
        }

        if (qos == 0)
        {
            return PublishQos0Async(head, utf8, forwarded, payload);
        }

        var operation = new PublishOperation(qos);
        _window!.Enter(operation, () => SendPublish(operation, head, utf8, forwarded, payload), cancellationToken);
        FlushBatch.Current.FlushAll();
        return operation.Task;
    }

    /// <summary>Subscribes; the answers are in the order of the filters, 0x80 and above meaning refused.</summary>
    /// <param name="subscriptions">At least one.</param>
    /// <param name="identifier">Subscription identifier for all of them, 0 for none; 5.0 only.</param>
    /// <exception cref="MqttException">The connection has ended.</exception>
    public Task<IReadOnlyList<ReasonCode>> SubscribeAsync(IReadOnlyList<MqttSubscription> subscriptions, uint identifier = 0)
    {
        ArgumentNullException.ThrowIfNull(subscriptions);
        var operation = new CodesOperation(PacketType.Suback);
        var packetId = _protocol.Pending.Add(operation);
        _connection.Send(ClientEncoder.Subscribe(packetId, _options.Version == MqttVersion.V5, subscriptions, identifier));
        FlushBatch.Current.FlushAll();
        return operation.Task;
    }

    /// <summary>Subscribes to one filter.</summary>
    /// <exception cref="MqttException">The connection has ended.</exception>
    public async Task<ReasonCode> SubscribeAsync(string topicFilter, byte qos = 0) =>
        (await SubscribeAsync([new MqttSubscription(topicFilter, qos)]).ConfigureAwait(false))[0];

    /// <summary>Unsubscribes; 5.0 answers a code for each filter, 3.1.1 none.</summary>
    /// <exception cref="MqttException">The connection has ended.</exception>
    public Task<IReadOnlyList<ReasonCode>> UnsubscribeAsync(params IReadOnlyList<string> topicFilters)
    {
        var operation = new CodesOperation(PacketType.Unsuback);
        var packetId = _protocol.Pending.Add(operation);
        _connection.Send(ClientEncoder.Unsubscribe(packetId, _options.Version == MqttVersion.V5, topicFilters));
        FlushBatch.Current.FlushAll();
        return operation.Task;
    }

    /// <summary>
    /// Says goodbye and closes. The server drops the will, unless the reason is
    /// <see cref="ReasonCode.DisconnectWithWill"/> (5.0).
    /// </summary>
    public async Task DisconnectAsync(ReasonCode reason = ReasonCode.Success)
    {
        if (!_connection.IsClosed)
        {
            _leaving = true;
            _connection.Send(_options.Version == MqttVersion.V5 ? AckEncoder.Disconnect(reason) : AckEncoder.Disconnect(ReasonCode.Success));
            FlushBatch.Current.FlushAll();
            await _connection.WhenDrained().ConfigureAwait(false);
        }

        End(new MqttClosed(ReasonCode.Success, null, null));
        await _closed.Task.ConfigureAwait(false);
    }

    /// <summary>Closes without a goodbye when there was none: the server publishes the will.</summary>
    public async ValueTask DisposeAsync()
    {
        End(new MqttClosed(null, null, null));
        await _closed.Task.ConfigureAwait(false);
    }

    /// <summary>A place in the window is free again.</summary>
    internal void ReleaseWindow() => _window?.Leave();

    /// <summary>The CONNACK has arrived.</summary>
    internal void Connected(ConnackPacket connack)
    {
        if (connack.Reason != ReasonCode.Success)
        {
            _connected.TrySetException(new MqttException(
                $"The server refused the connection: {connack.Reason}{(connack.ReasonString is null ? "" : $" ({connack.ReasonString})")}.",
                connack.Reason));
            return;
        }

        var result = new MqttConnectResult(
            connack.SessionPresent,
            connack.AssignedClientId,
            connack.ServerKeepAliveSeconds ?? _options.KeepAliveSeconds,
            connack.SessionExpirySeconds,
            connack.ReceiveMaximum ?? ushort.MaxValue,
            connack.PacketBytesMax,
            connack.QosMax ?? 2,
            connack.ResponseInformation);
        ClientId = connack.AssignedClientId ?? ClientId;
        ConnectResult = result;
        _window = new PublishWindow(Math.Min(_options.InflightMax, result.ReceiveMaximum));
        _connected.TrySetResult(result);
    }

    /// <summary>Ends the connection; the first reason stands.</summary>
    internal void End(MqttClosed closed)
    {
        if (Interlocked.Exchange(ref _ending, 1) == 1)
        {
            return;
        }

        // The server closes in answer to a DISCONNECT, and may be seen to before DisconnectAsync has gone on.
        _ = FinishAsync(_leaving && closed.Exception is null ? new MqttClosed(ReasonCode.Success, null, null) : closed);
    }

    private void Begin(MqttConnectResult result)
    {
        if (result.KeepAliveSeconds > 0)
        {
            // Looked at twice a period: a ping leaves after at most one keep-alive of silence, and an unanswered one is noticed after another.
            var half = TimeSpan.FromMilliseconds(result.KeepAliveSeconds * 500.0);
            _keepAlive = (_options.TimeProvider ?? TimeProvider.System).CreateTimer(_ => _protocol.KeepAlive(), null, half, half);
        }
    }

    private async Task RunAsync()
    {
        var closed = new MqttClosed(null, null, null);
        try
        {
            await _connection.ReadAsync(_protocol.Handle, _protocol.Pause, _stop.Token).ConfigureAwait(false);
            closed = _protocol.ServerClosed ?? closed;
        }
        catch (Exception exception)
        {
            closed = new MqttClosed(null, null, exception);
        }

        End(closed);
    }

    private async Task FinishAsync(MqttClosed closed)
    {
        if (_keepAlive is { } timer)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }

        var exception = closed.Exception ?? new MqttException("The connection was closed.", closed.Reason);
        _connected.TrySetException(new MqttException("The connection ended before it was accepted.", closed.Reason, closed.Exception));
        _ = _connected.Task.Exception;
        _protocol.Pending.Close(exception);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        _window?.Close(new MqttException("The connection has ended.", inner: exception));
        _closed.TrySetResult(closed);
    }

    private void SendPublish(PublishOperation operation, PublishHead head, byte[] topic, byte[] forwarded, ReadOnlyMemory<byte> payload)
    {
        head.PacketId = _protocol.Pending.Add(operation);
        Write(head, topic, forwarded, payload.Span);
    }

    private async Task<MqttPublishResult> PublishQos0Async(PublishHead head, byte[] topic, byte[] forwarded, ReadOnlyMemory<byte> payload)
    {
        if (_connection.IsClosed)
        {
            throw new MqttException("The connection has ended.");
        }

        Write(head, topic, forwarded, payload.Span);
        FlushBatch.Current.FlushAll();
        if (_connection.PendingBytes > 256 * 1024)
        {
            await _connection.WhenDrained().ConfigureAwait(false);
        }

        return default;
    }

    private void Write(in PublishHead head, byte[] topic, byte[] forwarded, ReadOnlySpan<byte> payload)
    {
        lock (_connection.Gate)
        {
            if (!_connection.IsClosed)
            {
                var bytes = PublishEncoder.Measure(head, topic.Length, forwarded.Length, payload.Length);
                PublishEncoder.Write(_connection.Reserve(bytes), head, topic, new ForwardedProperties(forwarded, default, default), payload);
            }
        }

        _protocol.NoteSent();
    }
}
