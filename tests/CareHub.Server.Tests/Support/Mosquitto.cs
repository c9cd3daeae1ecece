using System.Diagnostics;

namespace CareHub.Server.Tests.Support;

/// <summary>Debian's mosquitto clients: peers that share no code with the hub.</summary>
internal static class Mosquitto
{
    public static Task<(int ExitCode, string Output)> PublishAsync(int port, params string[] arguments) => RunAsync(port, [], arguments);

    /// <summary>A message for each line, over one connection.</summary>
    public static Task<(int ExitCode, string Output)> PublishLinesAsync(int port, IEnumerable<string> lines, params string[] arguments) => RunAsync(port, lines, ["-l", .. arguments]);

    private static async Task<(int ExitCode, string Output)> RunAsync(int port, IEnumerable<string> lines, params string[] arguments)
    {
        var start = new ProcessStartInfo("mosquitto_pub") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-h", "127.0.0.1", "-p", $"{port}", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException("mosquitto_pub is not installed: `make test` installs it, or `apt-get install mosquitto-clients`", missing);
        }

        using (process)
        {
            foreach (var line in lines)
            {
                await process.StandardInput.WriteLineAsync(line);
            }

            process.StandardInput.Close();
            using var patience = new CancellationTokenSource(Eventually.Patience);
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output + await error);
        }
    }
}
