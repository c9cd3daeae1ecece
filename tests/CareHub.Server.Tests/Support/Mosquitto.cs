using System.Diagnostics;

namespace CareHub.Server.Tests.Support;

/// <summary>Debian's mosquitto clients: peers that share no code with the hub.</summary>
internal static class Mosquitto
{
    public static Task<(int ExitCode, string Output)> PublishAsync(int port, params string[] arguments) => RunAsync("mosquitto_pub", port, arguments);

    public static Task<(int ExitCode, string Output)> SubscribeAsync(int port, params string[] arguments) => RunAsync("mosquitto_sub", port, arguments);

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, int port, string[] arguments)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
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
            throw new InvalidOperationException($"{program} is not installed: `make test` installs it, or `apt-get install mosquitto-clients`", missing);
        }

        using (process)
        {
            using var patience = new CancellationTokenSource(Eventually.Patience);
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output + await error);
        }
    }
}
