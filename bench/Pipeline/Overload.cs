using System.Diagnostics;
using System.Globalization;
using CareHub.Bench.Load;

namespace CareHub.Bench.Pipeline;

/// <summary>Presses while telemetry comes at twice the rate at which the hub can keep it.</summary>
internal static class Overload
{
    private const int PressesPerSecond = 100;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    /// <summary>Readings messages that the hub keeps durably in a second, acknowledged one by one.</summary>
    public static async Task<double> CapacityAsync(int port)
    {
        using var hub = await HubUnderLoad.StartAsync(port);
        await RunAsync(hub, 1, 0, 3);
        return await RunAsync(hub, 1, 0, 8);
    }

    public static async Task<string> RunAsync(int port, int qos, double rate, TimeSpan duration)
    {
        using var hub = await HubUnderLoad.StartAsync(port);
        var flood = RunAsync(hub, qos, rate, (2 * WarmUp.TotalSeconds) + duration.TotalSeconds);
        var figure = await PressToConsole.RunAsync(hub, PressesPerSecond, 2 * WarmUp, duration);
        var flooded = await flood;
        return string.Create(CultureInfo.InvariantCulture, $"{figure} ({(qos > 0 ? "acknowledged" : "sent")} {flooded:0} messages/s)");
    }

    private static async Task<double> RunAsync(HubUnderLoad hub, int qos, double rate, double seconds)
    {
        var (user, secret) = hub.Service;
        var arguments = new[] { "flood", $"{hub.Subject.Port}", user, secret, $"{qos}", rate.ToString("0", CultureInfo.InvariantCulture), seconds.ToString("0.0", CultureInfo.InvariantCulture) };
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Overload).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return double.Parse(output.Trim(), CultureInfo.InvariantCulture);
    }
}
