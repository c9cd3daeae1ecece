using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Client;
using CareHub.Mqtt.Tests.Support;

namespace CareHub.Mqtt.Tests.Broker;

/// <summary>Bounds on who gets in before a CONNECT is read, and what a TLS listener presents.</summary>
public sealed class AdmissionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_address_at_its_bound_is_closed_at_once_and_counted_until_a_place_is_free(int eventLoops)
    {
        await using var broker = await TestBroker.StartAsync(limits: limits => limits.ConnectionsPerAddressMax = 2, configure: options => options.EventLoops = eventLoops);
        await using var first = await broker.ConnectAsync(5);
        await using var second = await broker.ConnectAsync(4);

        await using var third = await broker.OpenAsync(5);
        await third.ExpectClosedAsync();
        Assert.Equal(1, broker.Server.Statistics.RefusedConnections);

        await first.DisposeAsync();
        await broker.ConnectionsAsync(1);
        await using var fourth = await broker.ConnectAsync(5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_listener_at_its_bound_is_closed_to_others_until_a_place_is_free(int eventLoops)
    {
        await using var broker = await TestBroker.StartAsync(limits: limits => limits.ConnectionsPerListenerMax = 1, configure: options => options.EventLoops = eventLoops);
        await using var first = await broker.ConnectAsync(5);

        await using var second = await broker.OpenAsync(5);
        await second.ExpectClosedAsync();
        Assert.Equal(1, broker.Server.Statistics.RefusedConnections);

        await first.DisposeAsync();
        await broker.ConnectionsAsync(0);
        await using var third = await broker.ConnectAsync(5);
    }

    [Fact]
    public void The_addresses_of_one_IPv6_network_and_the_two_forms_of_an_IPv4_address_are_one()
    {
        var counts = new AddressCounts(max: 1);
        Assert.NotNull(counts.TryEnter(Of("2001:db8:0:1::1")));
        Assert.Null(counts.TryEnter(Of("2001:db8:0:1:ffff::2")));
        Assert.NotNull(counts.TryEnter(Of("2001:db8:0:2::1")));
        Assert.NotNull(counts.TryEnter(Of("192.0.2.1")));
        Assert.Null(counts.TryEnter(Of("::ffff:192.0.2.1")));
        Assert.NotNull(counts.TryEnter(null));

        static IPEndPoint Of(string address) => new(IPAddress.Parse(address), 1);
    }

    [Fact]
    public async Task While_all_places_for_handshakes_are_taken_the_next_connection_waits()
    {
        using var certificate = Issue("CN=server", null, authority: false);
        await using var broker = await TestBroker.StartAsync(limits: limits => limits.TlsHandshakesMax = 1, configure: options => options.ListenTls.Add(
            new MqttTlsListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Certificate = () => certificate }));
        var port = broker.Server.TlsEndpoints[0].Port;

        // Takes the only place and says nothing; then a second one, which is in the backlog.
        using var silent = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, port);
        var waiting = ConnectAsync(port, "CN=server");
        Assert.Equal(0, broker.Server.ConnectionCount);
        Assert.False(waiting.IsCompleted);

        silent.Close();
        await using var client = await waiting;

        // Whoever is through gives its place back, and does not hold it while it is connected.
        await using var next = await ConnectAsync(port, "CN=server");
    }

    [Fact]
    public async Task The_certificates_up_to_the_root_are_sent_along()
    {
        using var root = Issue("CN=root", null, authority: true);
        using var between = Issue("CN=between", root, authority: true);
        using var server = Issue("CN=server", between, authority: false);
        await using var broker = await TestBroker.StartAsync(configure: options => options.ListenTls.Add(new MqttTlsListener
        {
            EndPoint = new IPEndPoint(IPAddress.Loopback, 0),
            Certificate = () => server,
            Intermediates = () => [X509CertificateLoader.LoadCertificate(between.RawData)],
        }));

        var sent = new List<string>();
        await using var client = await ConnectAsync(broker.Server.TlsEndpoints[0].Port, "CN=server", sent);
        Assert.Contains("CN=between", sent);
    }

    private static Task<MqttClient> ConnectAsync(int port, string subject, List<string>? sent = null) => MqttClient.ConnectAsync(new MqttClientOptions
    {
        Port = port,
        ConnectTimeout = TimeSpan.FromSeconds(60),
        Tls = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, presented, chain, _) =>
            {
                sent?.AddRange(chain!.ChainPolicy.ExtraStore.Select(certificate => certificate.Subject));
                return presented!.Subject == subject;
            },
        },
    });

    private static X509Certificate2 Issue(string subject, X509Certificate2? issuer, bool authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, critical: true));
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1), to = DateTimeOffset.UtcNow.AddDays(30);
        using var certificate = issuer is null ? request.CreateSelfSigned(from, to) : request.Create(issuer, from.AddMinutes(1), to.AddMinutes(-1), RandomNumberGenerator.GetBytes(8)).CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }
}
