using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Tests.Support;

namespace CareHub.Mqtt.Tests.Interop;

/// <summary>
/// Debian's mosquitto_pub and mosquitto_sub against the broker. They have to be installed (package mosquitto-clients);
/// without them these tests fail and say so.
/// </summary>
public sealed class MosquittoTests
{
    [Theory]
    [InlineData("mqttv31", 1)]
    [InlineData("mqttv311", 0)]
    [InlineData("mqttv311", 1)]
    [InlineData("mqttv311", 2)]
    [InlineData("mqttv5", 0)]
    [InlineData("mqttv5", 1)]
    [InlineData("mqttv5", 2)]
    public async Task Publish_and_subscribe(string version, int qos)
    {
        await using var broker = await TestBroker.StartAsync();
        var port = $"{broker.Endpoint.Port}";
        var q = $"{qos}";
        using var subscriber = Start("mosquitto_sub", "-p", port, "-V", version, "-q", q, "-t", "home/+/temp", "-C", "3", "-v", "-W", "10");
        await Wait.UntilAsync(() => broker.Server.SubscriptionCount == 1);
        await RunAsync("mosquitto_pub", "-p", port, "-V", version, "-q", q, "-t", "home/1/temp", "-m", "21.5");
        await RunAsync("mosquitto_pub", "-p", port, "-V", "mqttv5", "-q", q, "-t", "home/2/temp", "-m", "22.5");
        await RunAsync("mosquitto_pub", "-p", port, "-V", "mqttv311", "-q", q, "-t", "home/3/temp", "-m", "数据");
        Assert.Equal("home/1/temp 21.5\nhome/2/temp 22.5\nhome/3/temp 数据\n", await subscriber.StandardOutput.ReadToEndAsync());
    }

    [Theory]
    [InlineData("mqttv311")]
    [InlineData("mqttv5")]
    public async Task TLS_with_certificates_on_both_sides(string version)
    {
        var folder = Directory.CreateTempSubdirectory("mosquitto-tls-").FullName;
        using var authority = new TestAuthority(folder);
        var (certificate, key) = authority.Issue("broker");
        var (clientCertificate, clientKey) = authority.Issue("client");
        using var served = X509Certificate2.CreateFromPemFile(certificate, key);
        var handler = new ScriptedHandler();
        await using var broker = await TestBroker.StartAsync(handler, configure: options => options.ListenTls.Add(new MqttTlsListener
        {
            EndPoint = new IPEndPoint(IPAddress.Loopback, 0),
            Certificate = () => served,
            ClientCertificateRequired = true,
            ValidateClientCertificate = (_, presented, _, _) => presented?.Subject == "CN=client",
        }));
        string[] to = ["-h", "localhost", "-p", $"{broker.Server.TlsEndpoints[0].Port}", "-V", version, "--cafile", authority.CaFile, "--cert", clientCertificate, "--key", clientKey];
        using var subscriber = Start("mosquitto_sub", [.. to, "-q", "2", "-t", "t", "-C", "3", "-W", "30"]);
        await Wait.UntilAsync(() => broker.Server.SubscriptionCount == 1);
        foreach (var qos in new[] { "0", "1", "2" })
        {
            await RunAsync("mosquitto_pub", [.. to, "-q", qos, "-t", "t", "-m", $"over TLS {qos}"]);
        }

        Assert.Equal("over TLS 0\nover TLS 1\nover TLS 2\n", await subscriber.StandardOutput.ReadToEndAsync());
        Assert.All(handler.Attempts, attempt => Assert.Equal("CN=client", attempt.Certificate?.Subject));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("mqttv311")]
    [InlineData("mqttv5")]
    public async Task A_will_after_a_kill_and_a_shared_subscription(string version)
    {
        await using var broker = await TestBroker.StartAsync();
        var port = $"{broker.Endpoint.Port}";
        using var watcher = Start("mosquitto_sub", "-p", port, "-V", version, "-q", "1", "-t", "will", "-C", "1", "-W", "30");
        using var dying = Start("mosquitto_sub", "-p", port, "-V", version, "-t", "nothing", "--will-topic", "will", "--will-payload", "gone", "--will-qos", "1");
        using var one = Start("mosquitto_sub", "-p", port, "-V", version, "-q", "1", "-t", "$share/group/jobs", "-C", "2", "-W", "30");
        using var other = Start("mosquitto_sub", "-p", port, "-V", version, "-q", "1", "-t", "$share/group/jobs", "-C", "2", "-W", "30");
        await Wait.UntilAsync(() => broker.Server.SubscriptionCount == 4);
        dying.Kill();
        Assert.Equal("gone\n", await watcher.StandardOutput.ReadToEndAsync());
        for (var job = 0; job < 4; job++)
        {
            await RunAsync("mosquitto_pub", "-p", port, "-V", version, "-q", "1", "-t", "jobs", "-m", $"{job}");
        }

        var done = await one.StandardOutput.ReadToEndAsync() + await other.StandardOutput.ReadToEndAsync();
        Assert.Equal(["0", "1", "2", "3"], done.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Retained_and_5_0_properties()
    {
        await using var broker = await TestBroker.StartAsync();
        var port = $"{broker.Endpoint.Port}";
        await RunAsync(
            "mosquitto_pub", "-p", port, "-V", "5", "-r", "-q", "1", "-t", "r/1", "-m", "kept", "-D", "publish", "user-property", "k", "v",
            "-D", "publish", "content-type", "text/plain", "-D", "publish", "message-expiry-interval", "60");
        using var subscriber = Start("mosquitto_sub", "-p", port, "-V", "5", "-t", "r/#", "-C", "1", "-F", "%t %r %p %C %P %E", "-W", "10");
        var text = await subscriber.StandardOutput.ReadToEndAsync();
        Assert.StartsWith("r/1 1 kept text/plain k:v", text);
    }

    [Fact]
    public async Task A_persistent_mosquitto_session_gets_what_it_missed()
    {
        await using var broker = await TestBroker.StartAsync();
        var port = $"{broker.Endpoint.Port}";
        using (var first = Start("mosquitto_sub", "-p", port, "-i", "keeper", "-c", "-q", "1", "-t", "t", "-E"))
        {
            await first.WaitForExitAsync();
        }

        await RunAsync("mosquitto_pub", "-p", port, "-q", "1", "-t", "t", "-m", "missed");
        using var second = Start("mosquitto_sub", "-p", port, "-i", "keeper", "-c", "-q", "1", "-t", "t", "-C", "1", "-W", "10");
        Assert.Equal("missed\n", await second.StandardOutput.ReadToEndAsync());
    }

    [Fact]
    public async Task Request_and_response_with_mosquitto_rr()
    {
        await using var broker = await TestBroker.StartAsync();
        var port = $"{broker.Endpoint.Port}";
        using var requester = Start("mosquitto_rr", "-p", port, "-V", "5", "-t", "ask", "-e", "answer", "-m", "question", "-W", "10");
        await Wait.UntilAsync(() => broker.Server.SubscriptionCount == 1);
        await RunAsync("mosquitto_pub", "-p", port, "-t", "answer", "-m", "42");
        Assert.Equal("42\n", await requester.StandardOutput.ReadToEndAsync());
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {error}");
    }

    private static Process Start(string program, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = System.Text.Encoding.UTF8,
            })!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new InvalidOperationException($"{program} is not installed; the package is mosquitto-clients.", exception);
        }
    }
}
