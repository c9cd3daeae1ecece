using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace CareHub.Bench.Load;

/// <summary>A broker process under test, and what the kernel says about it.</summary>
internal sealed class Subject : IDisposable
{
    private readonly Process _process;

    private Subject(string name, Process process, int port)
    {
        Name = name;
        _process = process;
        Port = port;
    }

    public string Name { get; }

    public int Port { get; }

    /// <summary>Processor seconds used so far, user and system.</summary>
    public double CpuSeconds
    {
        get
        {
            var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            const double TicksPerSecond = 100;
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    /// <summary>Resident memory now.</summary>
    public long ResidentBytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS", StringComparison.Ordinal));
            return long.Parse(new string([.. line.Where(char.IsDigit)]), CultureInfo.InvariantCulture) * 1024;
        }
    }

    public static async Task<Subject> StartAsync(string name, int port)
    {
        ProcessStartInfo start;
        if (name == "mosquitto")
        {
            var config = Path.Combine(Path.GetTempPath(), $"carehub-bench-{port}.conf");
            await File.WriteAllTextAsync(config, $"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\nmax_queued_messages 0\nlog_type none\n");
            start = new ProcessStartInfo("mosquitto", ["-c", config]);
        }
        else
        {
            start = new ProcessStartInfo("dotnet", [typeof(Subject).Assembly.Location, "broker", port.ToString(CultureInfo.InvariantCulture)]);
        }

        return await StartAsync(name, start, port);
    }

    /// <summary>Starts a process that listens on the port sooner or later.</summary>
    public static async Task<Subject> StartAsync(string name, ProcessStartInfo start, int port)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{name} does not start.");
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, e) => { if (e.Data is { Length: > 0 } text) { Console.Error.WriteLine(text); } };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var attempt = 0; attempt < 600; attempt++)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync("127.0.0.1", port);
                return new Subject(name, process, port);
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        process.Kill();
        throw new InvalidOperationException($"{name} does not listen.");
    }

    /// <summary>SIGTERM, and how long the process takes to end by itself.</summary>
    public async Task<TimeSpan> StopAsync()
    {
        var start = Stopwatch.GetTimestamp();
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        return Stopwatch.GetElapsedTime(start);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
