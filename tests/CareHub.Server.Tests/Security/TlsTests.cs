using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using CareHub.Mqtt.Client;
using CareHub.Server.Configuration;
using CareHub.Server.Security;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Security;

/// <summary>TLS, mutual TLS and WebSocket as settings of the hub, with Debian's mosquitto_pub on the other side.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Press = """{"id":"1","type":"button"}""";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    private Task<TestHub> StartAsync(string? clientCertificate)
    {
        _certificates.WriteServer();
        return TestHub.StartAsync(configure: options => options.Mqtt.Tls = new TlsOptions
        {
            Listen = "127.0.0.1:0",
            Certificate = _certificates.ServerFile,
            Key = _certificates.ServerKeyFile,
            ClientCa = clientCertificate is null ? null : _certificates.AuthorityFile,
            ClientCertificate = clientCertificate ?? TlsOptions.Required,
        });
    }

    private Task<(int ExitCode, string Output)> PublishAsync(TestHub hub, string device, params string[] more) =>
        Mosquitto.PublishAsync(hub.MqttTlsPort, ["--cafile", _certificates.AuthorityFile, "-t", $"care/v1/{device}/signal", "-q", "1", "-m", Press, .. more]);

    [Theory]
    [InlineData("tlsv1.2")]
    [InlineData("tlsv1.3")]
    public async Task A_device_signs_in_over_TLS(string version)
    {
        await using var hub = await StartAsync(null);

        Assert.Equal((0, ""), await PublishAsync(hub, TestWorld.Button, "--tls-version", version, "-u", TestWorld.Button, "-P", TestHub.Secret));
        Assert.Single(hub.OpenAlarms().Alarms);
    }

    [Fact]
    public async Task TLS_older_than_1_2_is_refused()
    {
        await using var hub = await StartAsync(null);

#pragma warning disable CA5397, SYSLIB0039 // that it is refused is the point
        await Assert.ThrowsAnyAsync<Exception>(() => MqttClient.ConnectAsync(new MqttClientOptions
        {
            Port = hub.MqttTlsPort, Username = TestWorld.Button, Password = TestHub.Secret,
            Tls = new SslClientAuthenticationOptions { EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls11, RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        }));
#pragma warning restore CA5397, SYSLIB0039
    }

    [Fact]
    public async Task With_a_required_certificate_its_name_is_the_device_and_no_secret_is_needed()
    {
        await using var hub = await StartAsync(TlsOptions.Required);
        var (byName, byNameKey) = _certificates.WriteDevice(TestWorld.Button);
        var (byUri, byUriKey) = _certificates.WriteDevice("somebody", $"urn:carehub:device:{TestWorld.OtherButton}");

        Assert.Equal((0, ""), await PublishAsync(hub, TestWorld.Button, "--cert", byName, "--key", byNameKey));
        Assert.Equal((0, ""), await PublishAsync(hub, TestWorld.OtherButton, "--cert", byUri, "--key", byUriKey));
        Assert.Equal(2, hub.OpenAlarms().Alarms.Count());

        // The URI outranks the name, another's topic stays another's, and without a certificate there is no connection.
        Assert.Contains("uthori", (await PublishAsync(hub, TestWorld.Button, "-V", "mqttv5", "--cert", byUri, "--key", byUriKey)).Output, StringComparison.Ordinal);
        Assert.NotEqual(0, (await PublishAsync(hub, TestWorld.Button, "-u", TestWorld.Button, "-P", TestHub.Secret)).ExitCode);
    }

    [Fact]
    public async Task With_an_optional_certificate_a_secret_will_do()
    {
        await using var hub = await StartAsync(TlsOptions.Optional);
        var (certificate, key) = _certificates.WriteDevice(TestWorld.Button);

        Assert.Equal((0, ""), await PublishAsync(hub, TestWorld.Button, "--cert", certificate, "--key", key));
        Assert.Equal((0, ""), await PublishAsync(hub, TestWorld.OtherButton, "-u", TestWorld.OtherButton, "-P", TestHub.Secret));

        // A name beside the certificate has to be the certificate's.
        Assert.NotEqual(0, (await PublishAsync(hub, TestWorld.OtherButton, "--cert", certificate, "--key", key, "-u", TestWorld.OtherButton, "-P", TestHub.Secret)).ExitCode);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_or_without_a_registered_device_opens_nothing()
    {
        await using var hub = await StartAsync(TlsOptions.Required);
        using var others = new TestCertificates();
        var (foreign, foreignKey) = others.WriteDevice(TestWorld.Button);
        var (unknown, unknownKey) = _certificates.WriteDevice("nobody");

        Assert.NotEqual(0, (await PublishAsync(hub, TestWorld.Button, "--cert", foreign, "--key", foreignKey)).ExitCode);
        Assert.NotEqual(0, (await PublishAsync(hub, TestWorld.Button, "--cert", unknown, "--key", unknownKey)).ExitCode);
        Assert.Empty(hub.OpenAlarms().Signals);
    }

    [Fact]
    public void Only_what_the_authorities_issued_for_clients_speaks_for_a_device()
    {
        using var others = new TestCertificates();
        _certificates.WriteServer();
        var trust = ClientTrust.FromPem(File.ReadAllText(_certificates.AuthorityFile));

        using (X509Certificate2 own = _certificates.Device("d"), foreign = others.Device("d"), server = X509CertificateLoader.LoadCertificateFromFile(_certificates.ServerFile))
        {
            Assert.True(trust.Covers(own));
            Assert.False(trust.Covers(foreign));
            Assert.False(trust.Covers(server));
        }
    }

    [Theory]
    [InlineData("btn-1", null, "btn-1")]
    [InlineData("btn-1", "urn:carehub:device:btn-2", "btn-2")]
    [InlineData("btn-1", "https://example.org/btn-2", "btn-1")]
    public void The_URI_names_the_device_or_else_the_common_name(string commonName, string? uri, string device)
    {
        using var certificate = _certificates.Device(commonName, uri);
        Assert.Equal(device, CertificateIdentity.DeviceIdOf(certificate));
    }

    [Fact]
    public async Task A_part_of_the_hub_itself_is_nobody_that_can_log_in()
    {
        await using var hub = await StartAsync(TlsOptions.Required);
        var (certificate, key) = _certificates.WriteDevice("hub-certificate");

        Assert.NotEqual(0, (await PublishAsync(hub, "hub-certificate", "--cert", certificate, "--key", key)).ExitCode);
    }

    [Fact]
    public async Task MQTT_over_WebSocket_is_at_the_web_endpoint_unless_it_is_turned_off()
    {
        await using (var hub = await TestHub.StartAsync())
        {
            await using var device = await MqttClient.ConnectAsync(new MqttClientOptions
            {
                ClientId = TestWorld.Button, Username = TestWorld.Button, Password = TestHub.Secret,
                OpenStream = async cancelled =>
                {
                    var socket = new ClientWebSocket();
                    socket.Options.AddSubProtocol("mqtt");
                    await socket.ConnectAsync(new UriBuilder(hub.Url) { Scheme = "ws", Path = "/mqtt" }.Uri, cancelled);
                    return WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true);
                },
            });
            Assert.True((await device.SignalAsync(Press)).IsSuccess);
            Assert.Single(hub.OpenAlarms().Alarms);
        }

        await using var without = await TestHub.StartAsync(configure: options => options.Mqtt.WebSocket = false);
        using var refused = new ClientWebSocket();
        refused.Options.AddSubProtocol("mqtt");
        await Assert.ThrowsAsync<WebSocketException>(() => refused.ConnectAsync(new UriBuilder(without.Url) { Scheme = "ws", Path = "/mqtt" }.Uri, CancellationToken.None));
    }

    [Fact]
    public void Everything_that_is_wrong_with_the_settings_is_said_at_once()
    {
        var options = new HubOptions { PublicUrl = "care" };
        options.Mqtt.Tls = new TlsOptions { Listen = "here", ClientCertificate = "maybe", Certificate = "/nowhere/a.pem", Key = "/nowhere/a.key" };
        options.Mqtt.Limits.TelemetryBurst = 0;

        var errors = string.Join('\n', options.Validate());

        foreach (var part in new[] { "Tls: Listen: 'here'", "Tls: ClientCertificate: 'maybe'", "/nowhere/a.pem", "Limits: TelemetryBurst is 0", "PublicUrl: 'care'" })
        {
            Assert.Contains(part, errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_that_does_not_fit_and_an_authority_that_is_none_are_named()
    {
        _certificates.WriteServer();
        var (certificate, key) = _certificates.WriteDevice("d");
        var options = new TlsOptions { Certificate = _certificates.ServerFile, Key = key };
        Assert.StartsWith("Certificate and Key: ", Assert.Single(options.Validate()), StringComparison.Ordinal);

        options = new TlsOptions { Certificate = _certificates.ServerFile, Key = _certificates.ServerKeyFile, ClientCa = certificate };
        Assert.StartsWith("ClientCa: ", Assert.Single(options.Validate()), StringComparison.Ordinal);
    }
}
