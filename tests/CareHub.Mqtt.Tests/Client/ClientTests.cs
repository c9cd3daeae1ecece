using System.Collections.Concurrent;
using System.Text;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Client;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Tests.Support;

namespace CareHub.Mqtt.Tests.Client;

/// <summary>The client against the broker.</summary>
public sealed class ClientTests
{
    private static MqttClientOptions To(TestBroker broker, MqttVersion version) =>
        new() { Port = broker.Endpoint.Port, Version = version, KeepAliveSeconds = 0 };

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task It_publishes_and_receives_at_every_QoS(MqttVersion version)
    {
        await using var broker = await TestBroker.StartAsync();
        var messages = new BlockingCollection<MqttMessage>();
        var options = To(broker, version);
        options.OnMessage = message => { messages.Add(message); return default; };
        await using var client = await MqttClient.ConnectAsync(options);
        Assert.Equal(ReasonCode.GrantedQos2, await client.SubscribeAsync("t/#", 2));
        for (byte qos = 0; qos <= 2; qos++)
        {
            Assert.True((await client.PublishAsync("t/x", Encoding.UTF8.GetBytes($"q{qos}"), qos)).IsSuccess);
            Assert.True(messages.TryTake(out var message, 3_000));
            Assert.Equal(("t/x", $"q{qos}", qos), (message.Topic, Encoding.UTF8.GetString(message.Payload.Span), message.Qos));
        }

        await client.UnsubscribeAsync("t/#");
        await client.DisconnectAsync();
        Assert.Equal(ReasonCode.Success, (await client.Closed).Reason);
        await Assert.ThrowsAsync<MqttException>(() => client.PublishAsync("t/x", default, 1));
    }

    [Fact]
    public async Task Properties_go_and_come()
    {
        await using var broker = await TestBroker.StartAsync();
        var got = new TaskCompletionSource<MqttMessage>();
        var options = To(broker, MqttVersion.V5);
        options.OnMessage = message => { got.TrySetResult(message); return default; };
        await using var client = await MqttClient.ConnectAsync(options);
        Assert.NotEmpty(client.ClientId);
        await client.SubscribeAsync([new MqttSubscription("t", 1)], identifier: 12);
        await client.PublishAsync("t", "x"u8.ToArray(), 1, properties: new MqttPublishProperties
        {
            PayloadIsUtf8 = true,
            ExpirySeconds = 100,
            ContentType = "text/plain",
            ResponseTopic = "r",
            CorrelationData = new byte[] { 1, 2 },
            UserProperties = [new("a", "1"), new("a", "2")],
        });
        var properties = (await got.Task.WaitAsync(TimeSpan.FromSeconds(3))).Properties!;
        Assert.Equal((true, 100u, "text/plain", "r"), (properties.PayloadIsUtf8, properties.ExpirySeconds, properties.ContentType, properties.ResponseTopic));
        Assert.Equal([1, 2], properties.CorrelationData!.Value.ToArray());
        Assert.Equal([new MqttUserProperty("a", "1"), new MqttUserProperty("a", "2")], properties.UserProperties);
        Assert.Equal([12u], properties.SubscriptionIdentifiers);
    }

    [Fact]
    public async Task Many_publishes_are_in_flight_within_the_window()
    {
        var gate = new TaskCompletionSource<PublishVerdict>();
        var handler = new ScriptedHandler { OnPublish = _ => new(gate.Task) };
        await using var broker = await TestBroker.StartAsync(handler, l => l.ReceiveMaximum = 10);
        await using var client = await MqttClient.ConnectAsync(To(broker, MqttVersion.V5));
        var results = Enumerable.Range(0, 50).Select(i => client.PublishAsync("t", new[] { (byte)i }, 1)).ToArray();
        await Wait.UntilAsync(() => handler.Published.Count == 10);
        Assert.DoesNotContain(results, task => task.IsCompleted);
        gate.SetResult(PublishVerdict.Refuse(ReasonCode.QuotaExceeded, "enough"));
        Assert.All(await Task.WhenAll(results), result => Assert.Equal(new MqttPublishResult(ReasonCode.QuotaExceeded, "enough"), result));
    }

    [Fact]
    public async Task Publishes_that_wait_for_the_window_keep_their_order_and_may_be_cancelled()
    {
        var handler = new ScriptedHandler();
        await using var broker = await TestBroker.StartAsync(handler);
        var gate = new TaskCompletionSource<PublishVerdict>();
        handler.OnPublish = _ => new(gate.Task);
        var options = To(broker, MqttVersion.V311);
        options.InflightMax = 3;
        await using var client = await MqttClient.ConnectAsync(options);
        using var cancellation = new CancellationTokenSource();
        var results = Enumerable.Range(0, 500).Select(i => client.PublishAsync("t", Encoding.UTF8.GetBytes($"{i}"), (byte)(1 + (i % 2)), cancellationToken: i == 250 ? cancellation.Token : default)).ToArray();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => results[250]);
        gate.SetResult(PublishVerdict.Consume);
        await Task.WhenAll(results.Where((_, i) => i != 250));
        Assert.Equal(Enumerable.Range(0, 500).Where(i => i != 250).Select(i => $"{i}"), handler.Published.Select(seen => seen.Payload));
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task A_refusal_and_an_end_are_told(MqttVersion version)
    {
        var handler = new ScriptedHandler { OnConnect = attempt => attempt.Username == "in" ? ConnectVerdict.Accept(null) : ConnectVerdict.Refuse(ReasonCode.NotAuthorized) };
        await using var broker = await TestBroker.StartAsync(handler);
        var exception = await Assert.ThrowsAsync<MqttException>(() => MqttClient.ConnectAsync(To(broker, version)));
        Assert.Equal(ReasonCode.NotAuthorized, exception.Reason);
        var options = To(broker, version);
        options.Username = "in";
        options.ClientId = "me";
        options.Will = new MqttWill { Topic = "w", Payload = "x"u8.ToArray(), Qos = 1 };
        await using var client = await MqttClient.ConnectAsync(options);
        handler.OnPublish = _ => new(new TaskCompletionSource<PublishVerdict>().Task);
        var pending = client.PublishAsync("t", default, 1);
        await Wait.UntilAsync(() => handler.Published.Count == 1);
        broker.Server.Disconnect("me");
        var closed = await client.Closed.WaitAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(version == MqttVersion.V5 ? ReasonCode.AdministrativeAction : null, closed.Reason);
        await Assert.ThrowsAsync<MqttException>(() => pending);
    }

    [Fact]
    public async Task A_message_is_acknowledged_when_its_callback_is_done()
    {
        await using var broker = await TestBroker.StartAsync();
        var gates = new ConcurrentQueue<TaskCompletionSource>();
        var options = To(broker, MqttVersion.V5);
        options.ClientId = "slow";
        options.SessionExpirySeconds = 1_000;
        options.CleanStart = false;
        options.OnMessage = message => { var gate = new TaskCompletionSource(); gates.Enqueue(gate); return new(gate.Task); };
        await using (var client = await MqttClient.ConnectAsync(options))
        {
            await client.SubscribeAsync("t", 1);
            broker.Server.Publish("t", "1"u8.ToArray(), 1, false);
            broker.Server.Publish("t", "2"u8.ToArray(), 1, false);
            await Wait.UntilAsync(() => gates.Count == 2);
        }

        await broker.ConnectionsAsync(0);
        var again = new ConcurrentQueue<MqttMessage>();
        options.OnMessage = message => { again.Enqueue(message); return default; };
        await using var second = await MqttClient.ConnectAsync(options);
        await Wait.UntilAsync(() => again.Count == 2);
        Assert.All(again, message => Assert.True(message.Duplicate));
    }

    [Fact]
    public async Task It_pings_and_notices_when_nobody_answers()
    {
        await using var broker = await TestBroker.StartAsync();
        var time = new ManualTime();
        var options = To(broker, MqttVersion.V311);
        options.KeepAliveSeconds = 10;
        options.TimeProvider = time;
        await using var client = await MqttClient.ConnectAsync(options);
        for (var i = 0; i < 20; i++)
        {
            time.AdvanceSeconds(5);
            broker.Time.AdvanceSeconds(5);
            await client.PublishAsync("t", default, 1); // the answer to a ping is before this one's
        }

        Assert.False(client.Closed.IsCompleted);
    }
}
