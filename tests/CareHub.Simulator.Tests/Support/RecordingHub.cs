using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Packets;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Simulator.Tests.Support;

/// <summary>A real broker with a handler that keeps what arrives and answers as it is told.</summary>
internal sealed class RecordingHub : IMqttHandler, IAsyncDisposable
{
    private MqttServer? _server;

    public int Port { get; private set; }

    /// <summary>What becomes of the nth arrival of a signal, counted from 1.</summary>
    public Func<string, int, Task<PublishVerdict>> OnSignal { get; set; } = (_, _) => Task.FromResult(PublishVerdict.Consume);

    /// <summary>How often each signal id has arrived.</summary>
    public ConcurrentDictionary<string, int> Arrivals { get; } = new();

    /// <summary>Signal ids whose acknowledgement was allowed to leave.</summary>
    public ConcurrentDictionary<string, string> Taken { get; } = new();

    public ConcurrentQueue<string> Wills { get; } = new();

    public int Readings => _readings;

    private int _readings;

    public async Task StartAsync()
    {
        var options = new MqttServerOptions();
        options.Listen.Add(new IPEndPoint(IPAddress.Loopback, Port));
        _server = new MqttServer(options, this, NullLoggerFactory.Instance);
        await _server.StartAsync(default);
        Port = _server.Endpoints[0].Port;
    }

    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }

    public ValueTask DisposeAsync() => new(StopAsync());

    public ValueTask<ConnectVerdict> ConnectAsync(ConnectAttempt attempt, CancellationToken cancellationToken) =>
        ValueTask.FromResult(attempt.Username == attempt.ClientId && attempt.Password.Span.SequenceEqual("secret"u8)
            ? ConnectVerdict.Accept(attempt.ClientId)
            : ConnectVerdict.Refuse(ReasonCode.BadUserNameOrPassword));

    public bool MayPublish(MqttPeer peer, ReadOnlySpan<byte> topicUtf8) =>
        Encoding.UTF8.GetString(topicUtf8).StartsWith($"care/v1/{peer.ClientId}/", StringComparison.Ordinal);

    public bool MaySubscribe(MqttPeer peer, string topicFilter) => false;

    public ValueTask<PublishVerdict> PublishAsync(in InboundPublish publish)
    {
        var payload = Encoding.UTF8.GetString(publish.Payload);
        if (publish.IsWill)
            Wills.Enqueue($"{publish.Peer.ClientId} {payload}");
        if (publish.TopicUtf8.EndsWith("/reading"u8))
            Interlocked.Increment(ref _readings);
        if (!publish.TopicUtf8.EndsWith("/signal"u8))
            return ValueTask.FromResult(PublishVerdict.Consume);

        Assert.Equal(1, publish.Qos);
        var id = JsonSerializer.Deserialize<JsonElement>(payload).GetProperty("id").GetString()!;
        return new ValueTask<PublishVerdict>(DecideAsync(id, payload, Arrivals.AddOrUpdate(id, 1, (_, count) => count + 1)));
    }

    public void Disconnected(MqttPeer peer, DisconnectCause cause)
    {
    }

    private async Task<PublishVerdict> DecideAsync(string id, string payload, int arrival)
    {
        var verdict = await OnSignal(id, arrival);
        Assert.Equal(payload, Taken.GetOrAdd(id, payload));
        return verdict;
    }
}
