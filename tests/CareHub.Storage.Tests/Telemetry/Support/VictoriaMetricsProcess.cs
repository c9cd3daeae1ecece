using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace CareHub.Storage.Tests.Telemetry.Support;

/// <summary>A real VictoriaMetrics of its own: it takes line protocol at <c>/api/v2/write</c>.</summary>
public sealed class VictoriaMetricsProcess : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("carehub-vm-").FullName;
    private readonly HttpClient _http = new();
    private Process? _process;

    public string Url { get; private set; } = "";

    public async Task InitializeAsync()
    {
        const string Executable = "/usr/bin/victoria-metrics";
        Assert.True(File.Exists(Executable), "victoria-metrics is missing. These tests need the real one: apt-get install victoria-metrics");
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        }

        _process = Process.Start(new ProcessStartInfo(Executable, ["-storageDataPath", _directory, "-httpListenAddr", new Uri(Url).Authority, "-retentionPeriod", "100y", "-loggerLevel", "ERROR", "-memory.allowedPercent", "5"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await _http.GetAsync(new Uri($"{Url}/health"))).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "victoria-metrics answers /health", TimeSpan.FromSeconds(30));
    }

    public async Task DisposeAsync()
    {
        _process?.Kill();
        if (_process is not null)
            await _process.WaitForExitAsync();
        _process?.Dispose();
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Each series that a selector finds: labels, and values in order of time.</summary>
    internal async Task<IReadOnlyList<(JsonElement Labels, double[] Values)>> ExportAsync(string selector)
    {
        using var flushed = await _http.GetAsync(new Uri($"{Url}/internal/force_flush"));
        var text = await _http.GetStringAsync(new Uri($"{Url}/api/v1/export?match[]={Uri.EscapeDataString(selector)}"));
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            var series = JsonDocument.Parse(line).RootElement;
            return (series.GetProperty("metric"), series.GetProperty("values").EnumerateArray().Select(value => value.GetDouble()).ToArray());
        })];
    }

    internal Task<string> MetricsAsync() => _http.GetStringAsync(new Uri($"{Url}/metrics"));
}
