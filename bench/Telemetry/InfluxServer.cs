using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CareHub.Bench.Load;

namespace CareHub.Bench.Telemetry;

/// <summary>Debian's influxd with its ordinary settings, in a folder of its own.</summary>
internal sealed class InfluxServer : IDisposable
{
    public const string Database = "bench";

    private readonly string _directory = Directory.CreateTempSubdirectory("carehub-bench-influx-").FullName;
    private readonly int _port;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private Subject? _subject;

    public InfluxServer(int port)
    {
        _port = port;
        File.WriteAllText(Path.Combine(_directory, "influxdb.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            reporting-enabled = false
            bind-address = "127.0.0.1:{port + 1}"
            [meta]
              dir = "{_directory}/meta"
            [data]
              dir = "{_directory}/data"
              wal-dir = "{_directory}/wal"
              query-log-enabled = false
            [monitor]
              store-enabled = false
            [http]
              bind-address = "127.0.0.1:{port}"
              log-enabled = false
            [logging]
              level = "error"
            """));
    }

    public string Url => $"http://127.0.0.1:{_port}";

    public double CpuSeconds => _subject!.CpuSeconds;

    /// <summary>As docs/OPERATIONS.md has it for a server that both share: what the hub needs comes first.</summary>
    public async Task StartAsync() => _subject = await Subject.StartAsync(
        "influxd", new ProcessStartInfo("chrt", ["-i", "0", "influxd", "run", "-config", Path.Combine(_directory, "influxdb.conf")]), _port);

    public async Task CreateAsync(string database)
    {
        using var content = new FormUrlEncodedContent([new("q", $"CREATE DATABASE {database}")]);
        (await _http.PostAsync(new Uri($"{Url}/query"), content)).EnsureSuccessStatusCode();
    }

    public async Task<long> CountAsync(string database)
    {
        var answer = await _http.GetFromJsonAsync<JsonElement>($"{Url}/query?db={database}&q=SELECT%20count(value)%20FROM%20readings");
        return answer.GetProperty("results")[0].TryGetProperty("series", out var series) ? series[0].GetProperty("values")[0][1].GetInt64() : 0;
    }

    /// <summary>The simplest writer: batches that were made beforehand, one after the other on one connection.</summary>
    public async Task<double> WritePreparedAsync(IReadOnlyList<byte[]> batches)
    {
        await CreateAsync("prepared");
        var start = Stopwatch.GetTimestamp();
        foreach (var batch in batches)
        {
            using var content = new ByteArrayContent(batch);
            using var answer = await _http.PostAsync(new Uri($"{Url}/write?db=prepared&precision=ns"), content);
            answer.EnsureSuccessStatusCode();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        _subject?.Dispose();
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
