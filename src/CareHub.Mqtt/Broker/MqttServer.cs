using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Topics;
using CareHub.Mqtt.Transport;
using Microsoft.Extensions.Logging;

namespace CareHub.Mqtt.Broker;

/// <summary>A broker with its listeners. Kestrel's transport carries the connections; one instance is one broker.</summary>
public sealed class MqttServer : IAsyncDisposable
{
    private readonly BrokerCore _broker;
    private readonly ITcpListeners _listeners;
    private readonly TlsListeners _tlsListeners;
    private readonly ITimer _sweep;
    private readonly AddressCounts _addresses;
    private readonly Door _webSockets;
    private readonly List<Connection> _due = [];
    private int _sweeping;
    private int _sweeps;
    private bool _stopped;

    /// <summary>Creates a broker that does not listen yet.</summary>
    /// <param name="options">Listeners and limits; read now, later changes have no effect.</param>
    /// <param name="handler">Decides who may do what, and takes the publishes.</param>
    /// <param name="loggerFactory">Where the broker logs, category <c>CareHub.Mqtt</c>.</param>
    /// <param name="timeProvider">Time for keep-alives, expiries and delays; the system's when null.</param>
    /// <exception cref="ArgumentException">A limit does not make sense.</exception>
    public MqttServer(MqttServerOptions options, IMqttHandler handler, ILoggerFactory loggerFactory, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        options.Limits.Validate();
        var time = timeProvider ?? TimeProvider.System;
        _broker = new BrokerCore(options, handler, loggerFactory.CreateLogger("CareHub.Mqtt"), time);
        _listeners = LinuxSockets.IsSupported && options.EventLoops > 0
            ? new EpollListeners(_broker, new Door(this).ServeAsync)
            : new KestrelListeners(_broker, loggerFactory, new Door(this).ServeAsync);
        _tlsListeners = new TlsListeners(_broker, new Door(this).ServeAsync);
        _webSockets = new Door(this);
        _addresses = new AddressCounts(options.Limits.ConnectionsPerAddressMax);
        _sweep = time.CreateTimer(_ => Sweep(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Where it listens, after <see cref="StartAsync"/>; a configured port of 0 is the one the system chose.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints => _listeners.Endpoints;

    /// <summary>Where it listens with TLS, after <see cref="StartAsync"/>.</summary>
    public IReadOnlyList<IPEndPoint> TlsEndpoints => _tlsListeners.Endpoints;

    /// <summary>Open connections right now.</summary>
    public int ConnectionCount => _broker.Connections.Count;

    /// <summary>Sessions right now, connected or not.</summary>
    public int SessionCount => _broker.Sessions.Count;

    /// <summary>Subscriptions right now, of all sessions.</summary>
    public int SubscriptionCount => _broker.Tree.Count;

    /// <summary>Retained messages right now.</summary>
    public long RetainedCount => _broker.Retained.Count;

    /// <summary>What had to be dropped.</summary>
    public BrokerStatistics Statistics => _broker.Statistics;

    /// <summary>Binds and accepts.</summary>
    /// <exception cref="IOException">An address is in use.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _broker.LoadAsync(cancellationToken).ConfigureAwait(false);
        await _listeners.StartAsync(_broker.Options.Listen, cancellationToken).ConfigureAwait(false);
        _tlsListeners.Start(_broker.Options.ListenTls);
        var interval = TimeSpan.FromMilliseconds(_broker.Limits.SweepIntervalMs);
        _sweep.Change(interval, interval);
    }

    /// <summary>Stops accepting, says goodbye to clients (5.0: reason 0x8B), closes.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        await _listeners.UnbindAsync(cancellationToken).ConfigureAwait(false);
        await _tlsListeners.StopAsync().ConfigureAwait(false);
        var open = new List<Connection>();
        _broker.Connections.Collect(static _ => true, open);
        foreach (var connection in open)
        {
            connection.Close(DisconnectCause.ServerShutdown, ReasonCode.ServerShuttingDown);
        }

        await DrainAsync(open, cancellationToken).ConfigureAwait(false);
        await _listeners.DisposeAsync().ConfigureAwait(false);
        await _sweep.DisposeAsync().ConfigureAwait(false);
        await _broker.Journal.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Publishes from the host itself, as if by a client without an identity; bypasses the handler.</summary>
    /// <exception cref="ArgumentException">The topic is not a valid topic name.</exception>
    public void Publish(string topic, ReadOnlyMemory<byte> payload, byte qos, bool retain)
    {
        var utf8 = Encoding.UTF8.GetBytes(topic);
        if (!TopicRules.IsValidName(utf8) || !Utf8Rules.IsValid(utf8) || utf8.Length > ushort.MaxValue)
        {
            throw new ArgumentException("Not a valid topic name.", nameof(topic));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(qos, 2);
        var view = new MessageView(new DecodedPublish { Payload = payload.Span, Qos = qos, Retain = retain }, utf8, StoredMessage.Never);
        _broker.Router.Route(ref view, publisher: null);
        FlushBatch.Current.FlushAll();
    }

    /// <summary>Closes the client's connection (5.0: reason 0x98) if it has one; returns whether it had.</summary>
    public bool Disconnect(string clientId)
    {
        if (_broker.Sessions.FindConnection(clientId) is not { } connection)
        {
            return false;
        }

        connection.Close(DisconnectCause.ServerDisconnect, ReasonCode.AdministrativeAction);
        return true;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    /// <summary>Serves one WebSocket until it ends.</summary>
    internal Task ServeWebSocketAsync(IDuplexPipe transport, EndPoint? remote, X509Certificate2? certificate, Action abort) =>
        _webSockets.ServeAsync(transport, remote, certificate, abort);

    /// <summary>Serves one connection until it ends; <paramref name="openHere"/> counts those of its door, with this one.</summary>
    private async Task ServeAsync(int openHere, IDuplexPipe transport, EndPoint? remote, X509Certificate2? certificate, Action abort)
    {
        if (_stopped || _broker.Connections.Count >= _broker.Limits.ConnectionsMax || openHere > _broker.Limits.ConnectionsPerListenerMax)
        {
            _broker.Statistics.CountRefusedConnection();
            return;
        }

        if (_addresses.TryEnter(remote) is not { } place)
        {
            _broker.Statistics.CountRefusedConnection();
            return;
        }

        using var leaving = place;
        var connection = new Connection(_broker, transport, remote, certificate, abort);
        _broker.Connections.Add(connection);
        try
        {
            await connection.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            _broker.Connections.Remove(connection);
        }
    }

    /// <summary>Waits until the connections have gone, and cuts what is left after the time.</summary>
    private async Task DrainAsync(List<Connection> open, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var isCut = false;
        while (_broker.Connections.Count > 0)
        {
            if (!isCut && (cancellationToken.IsCancellationRequested
                || TimeProvider.System.GetElapsedTime(started).TotalMilliseconds > _broker.Limits.CloseTimeoutMs))
            {
                isCut = true;
                open.ForEach(static connection => connection.Abort());
            }

            await Task.Delay(5, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Sweep()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) == 1)
        {
            return; // the last one is still at it
        }

        try
        {
            var now = _broker.Clock.NowMs;
            _due.Clear();
            _broker.Connections.Collect(connection => connection.Look(now) != SweepVerdict.Keep, _due);
            foreach (var connection in _due)
            {
                if (connection.DeadlineMs != 0)
                {
                    connection.Abort();
                }
                else
                {
                    connection.Close(DisconnectCause.KeepAliveTimeout, ReasonCode.KeepAliveTimeout); // [MQTT-3.1.2-22]
                }
            }

            _broker.Sessions.Sweep(now);
            if (++_sweeps % 240 == 0)
            {
                _broker.Retained.RemoveExpired(now);
            }
        }
        finally
        {
            Volatile.Write(ref _sweeping, 0);
        }
    }

    /// <summary>One kind of listener, with a count of its own.</summary>
    private sealed class Door(MqttServer server)
    {
        private int _open;

        public async Task ServeAsync(IDuplexPipe transport, EndPoint? remote, X509Certificate2? certificate, Action abort)
        {
            var open = Interlocked.Increment(ref _open);
            try
            {
                await server.ServeAsync(open, transport, remote, certificate, abort).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }
    }
}
