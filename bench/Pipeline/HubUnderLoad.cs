using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CareHub.Bench.Load;

namespace CareHub.Bench.Pipeline;

/// <summary>A whole hub as a process of its own, with a registry made for the load and a service account that speaks for its devices.</summary>
internal sealed class HubUnderLoad : IDisposable
{
    public const int Connections = 200;
    public const int DevicesPerConnection = 100;
    private const string Password = "bench-password";

    private readonly string _directory;
    private string? _cookie;

    private HubUnderLoad(string directory, Subject subject, (string, string) service, Uri url)
    {
        _directory = directory;
        Subject = subject;
        Service = service;
        Url = url;
    }

    public Subject Subject { get; }

    public (string User, string Secret) Service { get; }

    public Uri Url { get; }

    public static string SecretOf(int device) => $"secret-of-{device:00000}";

    /// <param name="port">Of MQTT; the next one is the console's.</param>
    /// <param name="settings">More of the environment.</param>
    public static async Task<HubUnderLoad> StartAsync(int port, IReadOnlyDictionary<string, string>? settings = null)
    {
        var directory = Path.Combine(Path.GetTempPath(), $"carehub-bench-{Guid.NewGuid():N}");
        Directory.CreateDirectory(directory);
        var secret = await PrepareAsync(directory);
        var start = Start(directory, port, "serve");
        foreach (var (name, value) in settings ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        var subject = await Subject.StartAsync("carehub", start, port);
        var url = new Uri($"http://127.0.0.1:{port + 1}");
        await ReadyAsync(url, TimeSpan.FromMilliseconds(100));
        return new HubUnderLoad(directory, subject, ("load", secret), url);
    }

    /// <summary>A data directory with devices, a service account that speaks for them (its secret is returned), and an operator.</summary>
    public static async Task<string> PrepareAsync(string directory, int deviceCount = Connections * DevicesPerConnection)
    {
        var devices = Path.Combine(directory, "devices.csv");
        await File.WriteAllLinesAsync(devices, Enumerable.Range(0, deviceCount)
            .Select(device => $"d{device:00000},smoke_detector,s{device / 10:0000},{SecretOf(device)}").Prepend("device_id,kind,site_id,secret"));
        await RunAsync(directory, "devices", "import", devices);
        var added = await RunAsync(directory, "services", "add", "load", "--publish", "care/v1/+/signal", "--publish", "care/v1/+/reading");
        await RunAsync(directory, "users", "add", "operator", "--password", Password);
        return added[(added.LastIndexOf(": ", StringComparison.Ordinal) + 2)..].Trim();
    }

    public static async Task ReadyAsync(Uri url, TimeSpan lookEvery)
    {
        using var http = new HttpClient { BaseAddress = url };
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if ((await http.GetAsync("/healthz/ready")).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(5))
            {
                // Not there yet.
            }

            await Task.Delay(lookEvery);
        }
    }

    /// <summary>The hub's own account of itself.</summary>
    public async Task<JsonElement> StatusAsync()
    {
        _cookie ??= await SignInAsync();
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = Url };
        http.DefaultRequestHeaders.Add("Cookie", _cookie);
        return await http.GetFromJsonAsync<JsonElement>("/api/v1/status");
    }

    public async Task<string> SignInAsync()
    {
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = Url };
        http.DefaultRequestHeaders.Add("X-CareHub", "1");
        using var answer = await http.PostAsJsonAsync("/api/v1/session", new { user = "operator", password = Password });
        return answer.EnsureSuccessStatusCode().Headers.GetValues("Set-Cookie").First().Split(';')[0];
    }

    public void Dispose()
    {
        Subject.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    public static ProcessStartInfo Start(string directory, int port, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Root(), "src/CareHub.Server/bin/Release/net10.0/carehub.dll"), .. arguments]);
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{(port + 1).ToString(CultureInfo.InvariantCulture)}";
        start.Environment["CareHub__DataDirectory"] = directory;
        start.Environment["CareHub__Mqtt__Listen"] = $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";
        start.Environment["Serilog__MinimumLevel__Default"] = "Error";
        return start;
    }

    /// <summary>The folder of the sources.</summary>
    public static string Root()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "CareHub.sln")))
        {
            root = root.Parent;
        }

        return root.FullName;
    }

    public static async Task<string> RunAsync(string directory, params string[] arguments)
    {
        var start = Start(directory, 1, arguments);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }
}
