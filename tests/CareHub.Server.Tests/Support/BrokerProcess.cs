using System.Diagnostics;
using System.Net;

namespace CareHub.Server.Tests.Support;

/// <summary>The real executable as a plain broker that keeps its sessions, to be killed for real.</summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private BrokerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public IPEndPoint Endpoint => new(IPAddress.Loopback, Port);

    public static async Task<BrokerProcess> StartAsync(string dataDirectory, int? port = null)
    {
        var chosen = port ?? HubProcess.FreePort();
        var process = Process.Start(HubProcess.Prepare(
            new Dictionary<string, string>(StringComparer.Ordinal), "broker", "--listen", $"127.0.0.1:{chosen}", "--allow-anonymous", "--data", dataDirectory))!;
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var line = await process.StandardOutput.ReadLineAsync(patience.Token);
        Assert.True(line is not null, line is null ? await process.StandardError.ReadToEndAsync(patience.Token) : "");
        return new BrokerProcess(process, chosen);
    }

    /// <summary>SIGKILL: no warning, no clean-up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
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
