using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CareHub.Mqtt.Client;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Tests.Support;

namespace CareHub.Mqtt.Tests.Interop;

/// <summary>The client against Debian's mosquitto broker (package mosquitto).</summary>
public sealed class ClientWithMosquittoTests
{
    private static MqttClientOptions To(MosquittoBroker broker, MqttVersion version, BlockingCollection<MqttMessage>? messages = null) => new()
    {
        Port = broker.Port,
        Version = version,
        OnMessage = message => { messages?.Add(message); return default; },
    };

    private static (string Text, byte Qos) Next(BlockingCollection<MqttMessage> messages)
    {
        Assert.True(messages.TryTake(out var message, 30_000), "no message came");
        return (Encoding.UTF8.GetString(message!.Payload.Span), message.Qos);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task Every_QoS_both_ways_in_order(MqttVersion version)
    {
        // mosquitto 2.0.11 never sends the rest when more messages of QoS 2 than its in-flight limit wait for a 3.1.1 client.
        await using var broker = await MosquittoBroker.StartAsync(_ => version == MqttVersion.V311 ? ["max_inflight_messages 0"] : []);
        var messages = new BlockingCollection<MqttMessage>();
        await using var subscriber = await MqttClient.ConnectAsync(To(broker, version, messages));
        Assert.Equal(ReasonCode.GrantedQos2, await subscriber.SubscribeAsync("t/#", 2));
        await using var client = await MqttClient.ConnectAsync(To(broker, version));
        for (byte qos = 0; qos <= 2; qos++)
        {
            var sent = Enumerable.Range(0, 100).Select(number => ($"{number}", qos)).ToList();
            Assert.All(await Task.WhenAll(sent.Select(each => client.PublishAsync("t/x", Encoding.UTF8.GetBytes(each.Item1), qos))), result => Assert.True(result.IsSuccess));
            Assert.Equal(sent, sent.Select(_ => Next(messages)).ToList());
        }

        await client.PublishAsync("t/large", new byte[1_000_000], 2);
        Assert.True(messages.TryTake(out var large, 30_000));
        Assert.Equal(1_000_000, large!.Payload.Length);
        await subscriber.UnsubscribeAsync("t/#");
        await client.DisconnectAsync();
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task A_session_keeps_what_was_missed_and_what_was_not_acknowledged(MqttVersion version)
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var publisher = await MqttClient.ConnectAsync(To(broker, version));
        var began = new ConcurrentQueue<MqttMessage>();
        var options = To(broker, version);
        (options.ClientId, options.CleanStart, options.SessionExpirySeconds) = ("keeper", false, 1_000);
        options.OnMessage = message => { began.Enqueue(message); return new(new TaskCompletionSource().Task); };
        await using (var first = await MqttClient.ConnectAsync(options))
        {
            Assert.False(first.ConnectResult.SessionPresent);
            await first.SubscribeAsync("t", 2);
            await publisher.PublishAsync("t", "unacknowledged 1"u8.ToArray(), 1);
            await publisher.PublishAsync("t", "unacknowledged 2"u8.ToArray(), 2);
            await Wait.UntilAsync(() => began.Count == 2);
        }

        await broker.LogAsync("Client keeper closed its connection");
        await publisher.PublishAsync("t", "missed"u8.ToArray(), 1);
        var messages = new BlockingCollection<MqttMessage>();
        options.OnMessage = message => { messages.Add(message); return default; };
        await using var second = await MqttClient.ConnectAsync(options);
        Assert.True(second.ConnectResult.SessionPresent);
        Assert.Equal([("unacknowledged 1", (byte)1), ("unacknowledged 2", (byte)2), ("missed", (byte)1)], new[] { Next(messages), Next(messages), Next(messages) });
        await broker.LogAsync("Received PUBACK from keeper", times: 2);
        await broker.LogAsync("Received PUBCOMP from keeper");
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task A_will_comes_when_the_connection_breaks_and_a_retained_message_to_who_is_late(MqttVersion version)
    {
        await using var broker = await MosquittoBroker.StartAsync();
        var messages = new BlockingCollection<MqttMessage>();
        await using var watcher = await MqttClient.ConnectAsync(To(broker, version, messages));
        await watcher.SubscribeAsync("will", 1);
        var options = To(broker, version);
        options.Will = new MqttWill { Topic = "will", Payload = "gone"u8.ToArray(), Qos = 1, Retain = true };
        await using (await MqttClient.ConnectAsync(options))
        {
        }

        Assert.Equal(("gone", (byte)1), Next(messages));
        var late = new BlockingCollection<MqttMessage>();
        await using var second = await MqttClient.ConnectAsync(To(broker, version, late));
        await second.SubscribeAsync("will", 1);
        Assert.True(late.TryTake(out var retained, 30_000));
        Assert.True(retained!.Retain);
    }

    [Fact]
    public async Task Properties_pass()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        var messages = new BlockingCollection<MqttMessage>();
        await using var client = await MqttClient.ConnectAsync(To(broker, MqttVersion.V5, messages));
        await client.SubscribeAsync([new MqttSubscription("t", 1)], identifier: 9);
        await client.PublishAsync("t", "x"u8.ToArray(), 1, properties: new MqttPublishProperties
        {
            PayloadIsUtf8 = true,
            ExpirySeconds = 100,
            ContentType = "text/plain",
            ResponseTopic = "r",
            CorrelationData = new byte[] { 1, 2 },
            UserProperties = [new("a", "1"), new("a", "2")],
        });
        Assert.True(messages.TryTake(out var message, 30_000));
        var properties = message!.Properties!;
        Assert.Equal((true, "text/plain", "r"), (properties.PayloadIsUtf8, properties.ContentType, properties.ResponseTopic));
        Assert.Equal([new MqttUserProperty("a", "1"), new MqttUserProperty("a", "2")], properties.UserProperties);
        Assert.Equal([9u], properties.SubscriptionIdentifiers);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task TLS_both_ways_and_no_connection_to_whom_nobody_vouches_for(MqttVersion version)
    {
        TestAuthority? authority = null;
        await using var broker = await MosquittoBroker.StartAsync(folder =>
        {
            authority = new TestAuthority(folder);
            var (certificate, key) = authority.Issue("broker");
            return [$"cafile {authority.CaFile}", $"certfile {certificate}", $"keyfile {key}", "require_certificate true"];
        });
        using (authority)
        {
            var (certificate, key) = authority!.Issue("client");
            var options = To(broker, version);
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.ImportFromPemFile(authority.CaFile);
            options.Tls = new SslClientAuthenticationOptions { CertificateChainPolicy = trust, ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, key)] };
            await using (var client = await MqttClient.ConnectAsync(options))
            {
                Assert.True((await client.PublishAsync("t", new byte[200_000], 1)).IsSuccess);
            }

            options.Tls = new SslClientAuthenticationOptions();
            await Assert.ThrowsAsync<AuthenticationException>(() => MqttClient.ConnectAsync(options));
        }
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task A_wrong_password_has_its_reason(MqttVersion version)
    {
        await using var broker = await MosquittoBroker.StartAsync(folder => MosquittoBroker.OnlyUser(folder, "me", "right"));
        var options = To(broker, version);
        (options.Username, options.Password) = ("me", "wrong");
        var refused = await Assert.ThrowsAsync<MqttException>(() => MqttClient.ConnectAsync(options));
        Assert.Equal(ReasonCode.NotAuthorized, refused.Reason);
        options.Password = "right";
        await using var client = await MqttClient.ConnectAsync(options);
    }
}
