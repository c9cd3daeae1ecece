using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CareHub.Mqtt.Tests.Support;

/// <summary>Debian's mosquitto as a broker of its own, in a folder of its own; it says in its log what it sends and receives.</summary>
internal sealed class MosquittoBroker : IAsyncDisposable
{
    /// <summary>Debian puts it into a folder that is not on everybody's path.</summary>
    private static readonly string Program = File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<string> _log = [];
    private Process? _process;

    private MosquittoBroker(string folder, int port)
    {
        Folder = folder;
        Port = port;
    }

    public string Folder { get; }

    public int Port { get; }

    private string ConfigurationFile => Path.Combine(Folder, "mosquitto.conf");

    /// <param name="configure">Lines of mosquitto.conf beyond the listener's address, from the broker's folder.</param>
    public static async Task<MosquittoBroker> StartAsync(Func<string, IEnumerable<string>>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("mosquitto-test-").FullName;
        var broker = new MosquittoBroker(folder, FreePort());
        var more = configure?.Invoke(folder).ToList() ?? [];
        if (!more.Any(line => line.StartsWith("allow_anonymous", StringComparison.Ordinal)))
        {
            more.Add("allow_anonymous true");
        }

        if (Environment.UserName == "root")
        {
            more.Add("user root"); // else it gives its rights up, and cannot read the folder
        }

        await File.WriteAllLinesAsync(broker.ConfigurationFile, [$"listener {broker.Port} 127.0.0.1", "log_dest stderr", "log_type all", .. more]);
        await broker.LaunchAsync();
        return broker;
    }

    /// <summary>Lines of mosquitto.conf for a broker that keeps what it has on disk; see <see cref="SaveAsync"/>.</summary>
    public static IEnumerable<string> Persistent(string folder) => ["persistence true", $"persistence_location {folder}/"];

    /// <summary>Lines of mosquitto.conf that let this user in and nobody else.</summary>
    public static IEnumerable<string> OnlyUser(string folder, string user, string password)
    {
        SetPassword(folder, user, password);
        return ["allow_anonymous false", $"password_file {folder}/passwords"];
    }

    public static void SetPassword(string folder, string user, string password) => Run("mosquitto_passwd", "-b", "-c", Path.Combine(folder, "passwords"), user, password);

    /// <summary>Makes it read its password file again.</summary>
    public void Reload() => Run("kill", "-HUP", $"{_process!.Id}");

    /// <summary>Makes a persistent broker write down what it has.</summary>
    public async Task SaveAsync()
    {
        var file = Path.Combine(Folder, "mosquitto.db");
        File.Delete(file);
        Run("kill", "-USR1", $"{_process!.Id}");
        await UntilAsync(() => File.Exists(file), "it has saved"); // it writes another file and renames it
    }

    /// <summary>SIGKILL: no warning, nothing saved.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async Task LaunchAsync()
    {
        var before = Count(" running");
        try
        {
            _process = Process.Start(new ProcessStartInfo(Program, ["-c", ConfigurationFile]) { UseShellExecute = false, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException("mosquitto is not installed, or /usr/sbin is not in the path; the package is mosquitto.", missing);
        }

        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
            {
                _log.Add(line.Data ?? "");
            }
        };
        _process.BeginErrorReadLine();
        await UntilAsync(() => Count(" running") > before, "it runs");
    }

    /// <summary>How many lines of the log hold the text.</summary>
    public int Count(string text)
    {
        lock (_log)
        {
            return _log.Count(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    /// <summary>Waits until the log holds the text so many times.</summary>
    public Task LogAsync(string text, int times = 1) => UntilAsync(() => Count(text) >= times, $"its log says '{text}' {times} times");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task UntilAsync(Func<bool> condition, string what)
    {
        var waiting = Stopwatch.StartNew();
        while (!condition())
        {
            lock (_log)
            {
                Assert.True(waiting.Elapsed < Patience, $"mosquitto: waited in vain until {what}. Its log:\n{string.Join('\n', _log.TakeLast(40))}");
            }

            await Task.Delay(5);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
