using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Client;
using CareHub.Mqtt.Tests.Support;
using CareHub.Mqtt.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Broker;

/// <summary>TLS and WebSocket: §4.2, §6.</summary>
public sealed class TransportTests
{
    [Fact]
    public async Task TLS_serves_and_takes_a_new_certificate_without_a_restart()
    {
        using X509Certificate2 first = SelfSigned("first"), second = SelfSigned("second");
        var current = first;
        await using var broker = await TestBroker.StartAsync(configure: o => o.ListenTls.Add(
            new MqttTlsListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Certificate = () => current }));
        foreach (var (certificate, name) in new[] { (first, "CN=first"), (second, "CN=second") })
        {
            current = certificate;
            string? seen = null;
            await using var client = await MqttClient.ConnectAsync(new MqttClientOptions
            {
                Port = broker.Server.TlsEndpoints[0].Port,
                Tls = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, presented, _, _) => (seen = presented!.Subject) == name,
                },
            });
            Assert.True((await client.PublishAsync("t", new byte[100_000], 1)).IsSuccess);
            Assert.Equal(name, seen);
            await client.DisconnectAsync();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Every_TCP_transport_serves(int eventLoops)
    {
        await using var broker = await TestBroker.StartAsync(configure: o => o.EventLoops = eventLoops);
        await using var subscriber = await broker.ConnectAsync(5);
        await subscriber.SubscribeAsync("t", 1);
        await using var publisher = await broker.ConnectAsync(4);
        var payload = new string('x', 200_000);
        for (var i = 1; i <= 20; i++)
        {
            await publisher.SendAsync(Publish(4, "t", payload, 1, i));
            Assert.Equal(i, (await publisher.ReceiveAsync(4)).Id);
            var publish = await subscriber.PublishAsync();
            Assert.Equal(payload.Length, publish.Payload.Length);
            await subscriber.SendAsync(Puback(publish.Id));
        }

        await publisher.SendAsync(Disconnect);
        await publisher.ExpectClosedAsync();
        await subscriber.DisposeAsync();
        await broker.ConnectionsAsync(0);
    }

    [Fact]
    public async Task A_client_certificate_reaches_the_host()
    {
        using X509Certificate2 server = SelfSigned("server"), device = SelfSigned("device-7");
        var handler = new ScriptedHandler();
        await using var broker = await TestBroker.StartAsync(handler, configure: o => o.ListenTls.Add(new MqttTlsListener
        {
            EndPoint = new IPEndPoint(IPAddress.Loopback, 0),
            Certificate = () => server,
            ClientCertificateRequired = true,
            ValidateClientCertificate = (_, certificate, _, _) => certificate is not null,
        }));
        await using var client = await MqttClient.ConnectAsync(new MqttClientOptions
        {
            Port = broker.Server.TlsEndpoints[0].Port,
            Tls = new SslClientAuthenticationOptions { ClientCertificates = [device], RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.Subject == "CN=server" },
        });
        Assert.Equal("CN=device-7", handler.Attempts.Single().Certificate!.Subject);
    }

    [Fact]
    public async Task Garbage_on_the_TLS_port_is_closed()
    {
        using var certificate = SelfSigned("server");
        await using var broker = await TestBroker.StartAsync(configure: o => o.ListenTls.Add(
            new MqttTlsListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Certificate = () => certificate }));
        await using var client = await RawClient.OpenAsync(broker.Server.TlsEndpoints[0], 4);
        await client.SendAsync(Connect(4));
        // TLS may answer with an alert of its own; in the end the connection is closed.
        while (await client.TryReceiveAsync() is not null)
        {
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task WebSocket_carries_MQTT_whatever_the_frames(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var web = await WebAsync(broker);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        await socket.ConnectAsync(AddressOf(web), CancellationToken.None);
        Assert.Equal("mqtt", socket.SubProtocol); // [MQTT-6.0.0-4]
        await using var client = new RawClient(new WebSocketByteStream(socket), level);
        // Packets split and joined across frames at will [MQTT-6.0.0-2].
        var all = Join(Connect(level), Subscribe(level, 1, "t", 0), Publish(level, "t", "m"));
        for (var at = 0; at < all.Length; at += 7)
        {
            await client.SendAsync(all[at..Math.Min(all.Length, at + 7)]);
        }

        await client.ReceiveAsync(2);
        await client.ReceiveAsync(9);
        Assert.Equal("m", (await client.PublishAsync()).Payload);
        await client.SendAsync(Disconnect);
        await client.ExpectClosedAsync();
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task The_client_speaks_over_WebSocket(MqttVersion version)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var web = await WebAsync(broker);
        var got = new TaskCompletionSource<MqttMessage>();
        var options = new MqttClientOptions { WebSocket = AddressOf(web), Version = version, OnMessage = message => { got.TrySetResult(message); return default; } };
        await using (var client = await MqttClient.ConnectAsync(options))
        {
            await client.SubscribeAsync("t", 2);
            Assert.True((await client.PublishAsync("t", new byte[200_000], 2)).IsSuccess);
            Assert.Equal(200_000, (await got.Task.WaitAsync(TimeSpan.FromSeconds(30))).Payload.Length);
        }

        await broker.ConnectionsAsync(0);
        options.WebSocket = new Uri(options.WebSocket, "/elsewhere");
        await Assert.ThrowsAsync<MqttException>(() => MqttClient.ConnectAsync(options));
    }

    [Fact]
    public async Task WebSocket_needs_the_subprotocol_and_binary_frames()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var web = await WebAsync(broker);
        using var without = new ClientWebSocket();
        await Assert.ThrowsAsync<WebSocketException>(() => without.ConnectAsync(AddressOf(web), CancellationToken.None)); // [MQTT-6.0.0-3]
        using var text = new ClientWebSocket();
        text.Options.AddSubProtocol("mqtt");
        await text.ConnectAsync(AddressOf(web), CancellationToken.None);
        await text.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        var result = await text.ReceiveAsync(new byte[10], CancellationToken.None);
        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, result.CloseStatus); // [MQTT-6.0.0-1]
    }

    private static async Task<WebApplication> WebAsync(TestBroker broker)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapMqtt("/mqtt", broker.Server);
        await app.StartAsync();
        return app;
    }

    private static Uri AddressOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First().Replace("http", "ws") + "/mqtt");

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
