using System.Net;
using System.Security.Cryptography.X509Certificates;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Tests.Support;
using CareHub.Server.Bridge;
using CareHub.Server.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Server.Tests.Bridge;

/// <summary>How a bridge gets to the other broker, and what it says when it does not.</summary>
public sealed class BridgeConnectionTests
{
    private const string Press = """{"id":"01J0000001","type":"button"}""";

    [Fact]
    public async Task A_wrong_password_is_visible_and_tried_again_until_it_is_right()
    {
        await using var upstream = await MosquittoBroker.StartAsync(folder => MosquittoBroker.OnlyUser(folder, "hub", "the right one"));
        var bridge = Upstream.BridgeOf(upstream);
        (bridge.User, bridge.Password) = ("hub", "the new one");
        await using var hub = await TestHub.StartAsync(configure: options => options.Bridges.Add(bridge));
        await using var console = await hub.ConsoleAsync();
        await upstream.LogAsync("(0, 135)", times: 3); // both lanes, and one of them again
        await Eventually.True(() => hub.BridgeStatus().LastError is not null, "the lane says why it is not connected");

        var status = (await console.GetAsync("/api/v1/status"))["bridges"]![0]!;
        Assert.False((bool)status["connected"]!);
        Assert.Contains("refused the connection: NotAuthorized", (string?)status["lastError"], StringComparison.Ordinal);
        Assert.DoesNotContain("the new one", status.ToJsonString(), StringComparison.Ordinal);

        MosquittoBroker.SetPassword(upstream.Folder, "hub", "the new one");
        upstream.Reload();
        await Eventually.True(() => hub.BridgeStatus().Connected, "the bridge is connected");
    }

    [Fact]
    public async Task TLS_trusts_the_given_authority_and_shows_the_hubs_certificate()
    {
        TestAuthority? authority = null;
        await using var upstream = await MosquittoBroker.StartAsync(folder =>
        {
            authority = new TestAuthority(folder);
            var (certificate, key) = authority.Issue("upstream");
            return [$"cafile {authority.CaFile}", $"certfile {certificate}", $"keyfile {key}", "require_certificate true"];
        });
        using (authority)
        {
            var (certificate, key) = authority!.Issue("the-hub");
            var bridge = Upstream.BridgeOf(upstream);
            bridge.Url = $"mqtts://localhost:{upstream.Port}";
            (bridge.CaFile, bridge.CertificateFile, bridge.KeyFile) = (authority.CaFile, certificate, key);
            await using var hub = await Upstream.HubAsync(upstream, bridge);
            Assert.True(hub.BridgeStatus().Connected);
        }
    }

    /// <summary>Debian's mosquitto opens no WebSocket everywhere, so the hub's own broker is the other one here.</summary>
    [Theory]
    [InlineData("ws", "5")]
    [InlineData("wss", "5")]
    [InlineData("wss", "3.1.1")]
    public async Task WebSocket_carries_a_bridge_too(string scheme, string version)
    {
        var folder = Directory.CreateTempSubdirectory("bridge-ws-").FullName;
        using var authority = new TestAuthority(folder);
        var (certificate, key) = authority.Issue("upstream");
        using var served = X509Certificate2.CreateFromPemFile(certificate, key);
        await using var upstream = new MqttServer(new MqttServerOptions(), new OpenMqttHandler(), NullLoggerFactory.Instance);
        await upstream.StartAsync(CancellationToken.None);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (scheme == "wss")
            {
                listen.UseHttps(served);
            }
        }));
        await using var web = builder.Build();
        web.MapMqtt("/mqtt", upstream);
        await web.StartAsync();
        var bridge = new BridgeOptions { Name = "city", Url = $"{scheme}://localhost:{new Uri(web.Urls.First()).Port}/mqtt", Version = version, CaFile = scheme == "wss" ? authority.CaFile : null };
        Assert.Empty(BridgeOptions.Validate([bridge]));

        await using var hub = await TestHub.StartAsync(configure: options => options.Bridges.Add(bridge));
        await Eventually.True(() => upstream.SubscriptionCount == 3, "both lanes are subscribed");
        upstream.Publish($"care/v1/{TestWorld.Button}/signal", System.Text.Encoding.UTF8.GetBytes(Press), 1, false);
        await Eventually.True(() => hub.BridgeStatus().Acknowledged == 1, "the press is taken");
        Assert.Single(hub.OpenAlarms().Alarms);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task An_authority_that_is_not_the_given_one_is_not_trusted()
    {
        TestAuthority? authority = null;
        await using var upstream = await MosquittoBroker.StartAsync(folder =>
        {
            authority = new TestAuthority(folder);
            var (certificate, key) = authority.Issue("upstream");
            return [$"certfile {certificate}", $"keyfile {key}"];
        });
        using (authority)
        {
            using var stranger = new TestAuthority(upstream.Folder, "Somebody else");
            var bridge = Upstream.BridgeOf(upstream);
            bridge.Url = $"mqtts://127.0.0.1:{upstream.Port}";
            bridge.CaFile = stranger.CaFile;
            await using var hub = await TestHub.StartAsync(configure: options => options.Bridges.Add(bridge));
            await Eventually.True(() => hub.BridgeStatus().LastError is not null, "the bridge says why it is not connected");
            Assert.Contains("certificate", hub.BridgeStatus().LastError, StringComparison.Ordinal);
            Assert.Equal(0, hub.BridgeStatus().Connections);
        }
    }

    [Fact]
    public async Task A_refused_subscription_is_named_and_the_others_go_on()
    {
        var options = new MqttServerOptions();
        options.Listen.Add(new IPEndPoint(IPAddress.Loopback, 0));
        await using var upstream = new MqttServer(options, new NoStatus(), NullLoggerFactory.Instance);
        await upstream.StartAsync(CancellationToken.None);
        await using var hub = await TestHub.StartAsync(configure: hubOptions => hubOptions.Bridges.Add(
            new BridgeOptions { Name = "city", Url = $"mqtt://127.0.0.1:{upstream.Endpoints[0].Port}" }));
        await Eventually.True(() => hub.BridgeStatus().RefusedFilters.Count > 0, "the refusal is known");

        Assert.Equal(["care/v1/+/status"], hub.BridgeStatus().RefusedFilters);
        Assert.Contains("'care/v1/+/status' is refused: NotAuthorized", hub.BridgeStatus().LastError, StringComparison.Ordinal);
        upstream.Publish($"care/v1/{TestWorld.Button}/signal", System.Text.Encoding.UTF8.GetBytes(Press), 1, false);
        await Eventually.True(() => hub.BridgeStatus().Acknowledged == 1, "the press is taken");
        Assert.Single(hub.OpenAlarms().Alarms);
    }

    [Fact]
    public async Task A_hub_that_was_away_gets_what_was_kept_for_it()
    {
        await using var upstream = await MosquittoBroker.StartAsync();
        var bridge = Upstream.BridgeOf(upstream);
        bridge.ClientId = null; // the data directory's own name
        await using var hub = await TestHub.StartAsync(configure: options => options.Bridges.Add(bridge));
        await upstream.LogAsync("Sending SUBACK to carehub-", times: 2);
        await hub.RestartAsync(() => upstream.SignalAsync(TestWorld.Button, Press));

        await Eventually.True(() => hub.BridgeStatus().Acknowledged == 1, "the press is taken");
        Assert.True(hub.BridgeStatus().SessionPresent);
        Assert.Single(hub.OpenAlarms().Alarms);
    }

    private sealed class NoStatus : IMqttHandler
    {
        private readonly OpenMqttHandler _open = new();

        public ValueTask<ConnectVerdict> ConnectAsync(ConnectAttempt attempt, CancellationToken cancellationToken) => _open.ConnectAsync(attempt, cancellationToken);

        public bool MayPublish(MqttPeer peer, ReadOnlySpan<byte> topicUtf8) => true;

        public bool MaySubscribe(MqttPeer peer, string topicFilter) => topicFilter != "care/v1/+/status";

        public ValueTask<PublishVerdict> PublishAsync(in InboundPublish publish) => _open.PublishAsync(publish);

        public void Disconnected(MqttPeer peer, DisconnectCause cause)
        {
        }
    }
}
