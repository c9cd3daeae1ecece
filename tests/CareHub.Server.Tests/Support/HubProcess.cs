using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CareHub.Server.Tests.Support;

/// <summary>The real executable, to be killed for real.</summary>
internal sealed class HubProcess : IAsyncDisposable
{
    private readonly Process _process;

    private HubProcess(Process process, int httpPort, int mqttPort)
    {
        _process = process;
        HttpPort = httpPort;
        MqttPort = mqttPort;
    }

    public int HttpPort { get; }

    public int MqttPort { get; }

    public Uri Url => new($"http://127.0.0.1:{HttpPort}");

    public static async Task<(int ExitCode, string Error)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Process.Start(Prepare(environment, arguments))!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Eventually.Patience);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await error + await output);
    }

    public static async Task<HubProcess> StartAsync(string dataDirectory, int? httpPort = null, int? mqttPort = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        var (http, mqtt) = (httpPort ?? FreePort(), mqttPort ?? FreePort());
        var process = Process.Start(Prepare(Settings(dataDirectory, http, mqtt, settings), "serve"))!;
        _ = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await ReadyAsync(process, http, error);
        }
        catch
        {
            // A hub that does not come up must not outlive the test that waited for it.
            process.Kill();
            throw;
        }

        return new HubProcess(process, http, mqtt);
    }

    private static async Task ReadyAsync(Process process, int http, Task<string> error)
    {
        using var probe = new HttpClient();
        await Eventually.Value(
            async () =>
            {
                Assert.False(process.HasExited, process.HasExited ? await error : "");
                try
                {
                    return await probe.GetStringAsync($"http://127.0.0.1:{http}/healthz/ready");
                }
                catch (HttpRequestException)
                {
                    return null;
                }
            },
            "the hub is ready");
    }

    /// <summary>SIGKILL without waiting for the end.</summary>
    public void Kill() => _process.Kill();

    public Task WaitForExitAsync() => _process.WaitForExitAsync();

    /// <summary>SIGKILL: no warning, no clean-up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as systemd, Docker and Kubernetes send it. The exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    internal static Dictionary<string, string> Settings(string dataDirectory, int httpPort, int mqttPort, IReadOnlyDictionary<string, string>? more = null) =>
        new(more ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{httpPort}",
            ["CareHub__DataDirectory"] = dataDirectory,
            ["CareHub__Mqtt__Listen"] = $"127.0.0.1:{mqttPort}",
        };

    internal static ProcessStartInfo Prepare(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(HubApp).Assembly.Location);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>
    /// A port below those that the system gives to outgoing connections: who knocks at a closed one of those for long enough
    /// is in the end connected to itself, and the hub finds its port taken.
    /// </summary>
    internal static int FreeServerPort(Random random)
    {
        while (true)
        {
            try
            {
                var port = random.Next(20_000, 32_000);
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another.
            }
        }
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
