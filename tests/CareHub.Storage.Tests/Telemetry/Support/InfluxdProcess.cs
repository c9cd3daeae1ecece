using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using CareHub.Storage.Telemetry.Influx;

namespace CareHub.Storage.Tests.Telemetry.Support;

/// <summary>A real influxd of its own: temporary directory, free ports, killed at the end.</summary>
public sealed class InfluxdProcess : IAsyncLifetime
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("carehub-influxd-").FullName;
    private readonly HttpClient _http = new();
    private readonly int _port = FreePort();
    private readonly int _rpcPort = FreePort();
    private Process? _process;

    public string Url => $"http://127.0.0.1:{_port}";

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(ConfigPath, $"""
            reporting-enabled = false
            bind-address = "127.0.0.1:{_rpcPort}"
            [meta]
              dir = "{_directory}/meta"
            [data]
              dir = "{_directory}/data"
              wal-dir = "{_directory}/wal"
              query-log-enabled = false
            [monitor]
              store-enabled = false
            [http]
              bind-address = "127.0.0.1:{_port}"
              log-enabled = false
              max-body-size = 1048576
            [logging]
              level = "error"
            """);
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        Kill();
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
        await Task.CompletedTask;
    }

    public async Task StartAsync()
    {
        const string Executable = "/usr/bin/influxd";
        Assert.True(File.Exists(Executable), "influxd is missing. These tests need a real InfluxDB 1.x: apt-get install influxdb");
        _process = Process.Start(new ProcessStartInfo(Executable, ["run", "-config", ConfigPath]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.TrueAsync(AnswersAsync, "influxd answers /ping", StartPatience);
    }

    /// <summary>SIGKILL: no goodbye, nothing flushed.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Everything that it kept is gone.</summary>
    public void Wipe()
    {
        foreach (var part in new[] { "meta", "data", "wal" })
            Directory.Delete(Path.Combine(_directory, part), recursive: true);
    }

    internal InfluxOptions Options(string database) => new() { Url = Url, Database = database };

    /// <summary>Asks behind the back of the code under test; returns the rows of all tables.</summary>
    internal async Task<IReadOnlyList<JsonElement>> QueryAsync(string database, string influxQl)
    {
        var answer = await _http.GetFromJsonAsync<JsonElement>($"{Url}/query?epoch=ns&db={Uri.EscapeDataString(database)}&q={Uri.EscapeDataString(influxQl)}");
        var rows = new List<JsonElement>();
        foreach (var result in answer.GetProperty("results").EnumerateArray())
        {
            if (result.TryGetProperty("error", out var error))
                throw new InvalidOperationException(error.GetString());
            if (result.TryGetProperty("series", out var series))
                rows.AddRange(series.EnumerateArray().SelectMany(table => table.GetProperty("values").EnumerateArray()));
        }

        return rows;
    }

    /// <param name="database">Where.</param>
    /// <param name="measurement">Which measurement.</param>
    /// <param name="field">What is counted.</param>
    /// <param name="where">A condition.</param>
    internal async Task<long> CountAsync(string database, string measurement, string field, string? where = null)
    {
        var rows = await QueryAsync(database, $"SELECT count(\"{field}\") FROM \"{measurement}\"{(where is null ? "" : $" WHERE {where}")}");
        return rows.Count == 0 ? 0 : rows[0][1].GetInt64();
    }

    internal async Task WriteAsync(string database, string line)
    {
        using var content = new StringContent(line);
        using var response = await _http.PostAsync(new Uri($"{Url}/write?db={Uri.EscapeDataString(database)}"), content);
        response.EnsureSuccessStatusCode();
    }

    internal async Task ExecuteAsync(string influxQl, string database = "")
    {
        using var content = new FormUrlEncodedContent([new("q", influxQl), new("db", database)]);
        using var response = await _http.PostAsync(new Uri($"{Url}/query"), content);
        response.EnsureSuccessStatusCode();
    }

    private string ConfigPath => Path.Combine(_directory, "influxdb.conf");

    private async Task<bool> AnswersAsync()
    {
        Assert.False(_process!.HasExited, "influxd ended while starting");
        try
        {
            using var response = await _http.GetAsync(new Uri($"{Url}/ping"));
            return response.StatusCode == HttpStatusCode.NoContent;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Tests that share one influxd; each uses a database of its own.</summary>
[CollectionDefinition(Name)]
public sealed class SharedInfluxd : ICollectionFixture<InfluxdProcess>
{
    public const string Name = "influxd";
}
