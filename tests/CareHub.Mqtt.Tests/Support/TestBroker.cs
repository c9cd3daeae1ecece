using System.Net;
using CareHub.Mqtt.Broker;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Mqtt.Tests.Support;

/// <summary>A broker on a port of its own, with time in the test's hand.</summary>
internal sealed class TestBroker : IAsyncDisposable
{
    private int _names;

    private TestBroker(MqttServer server, ManualTime time)
    {
        Server = server;
        Time = time;
    }

    public MqttServer Server { get; }

    public ManualTime Time { get; }

    public IPEndPoint Endpoint => Server.Endpoints[0];

    public static async Task<TestBroker> StartAsync(IMqttHandler? handler = null, Action<MqttLimits>? limits = null, Action<MqttServerOptions>? configure = null, ManualTime? time = null)
    {
        var options = new MqttServerOptions();
        options.Listen.Add(new IPEndPoint(IPAddress.Loopback, 0));
        options.Limits.ConnectTimeoutMs = 60_000;
        // The whole suite can be run on Kestrel's transport: CAREHUB_TEST_EVENT_LOOPS=0.
        if (Environment.GetEnvironmentVariable("CAREHUB_TEST_EVENT_LOOPS") is { } loops)
        {
            options.EventLoops = int.Parse(loops, System.Globalization.CultureInfo.InvariantCulture);
        }

        limits?.Invoke(options.Limits);
        configure?.Invoke(options);
        time ??= new ManualTime();
        var server = new MqttServer(options, handler ?? new OpenMqttHandler(), NullLoggerFactory.Instance, time);
        await server.StartAsync(CancellationToken.None);
        return new TestBroker(server, time);
    }

    public Task<RawClient> OpenAsync(int level) => RawClient.OpenAsync(Endpoint, level);

    /// <summary>An accepted connection.</summary>
    public async Task<RawClient> ConnectAsync(
        int level,
        string? clientId = null,
        bool clean = true,
        int keepAlive = 0,
        params byte[][] props)
    {
        var client = await OpenAsync(level);
        var connack = await client.ConnectAsync(
            Bytes.Connect(level, clientId ?? $"client-{Interlocked.Increment(ref _names)}", clean, keepAlive, props));
        Assert.Equal(0, connack.Reason);
        return client;
    }

    /// <summary>A connection whose session outlives it, in either version.</summary>
    public Task<RawClient> ConnectPersistentAsync(int level, string clientId, params byte[][] props) =>
        ConnectAsync(level, clientId, clean: false, props: level == 5 ? [Bytes.Prop(0x11, Bytes.U32(uint.MaxValue)), .. props] : []);

    /// <summary>Waits until the broker has noticed that connections are gone.</summary>
    public Task ConnectionsAsync(int count) => Wait.UntilAsync(() => Server.ConnectionCount == count);

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();
}

internal static class Wait
{
    /// <summary>Waits for a condition, as long as it takes within reason.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        var limit = DateTime.UtcNow.AddSeconds(30);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < limit, "The condition did not come true.");
            await Task.Delay(1);
        }
    }
}
