using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using CareHub.Bench.Load;
using CareHub.Storage;

namespace CareHub.Bench.Pipeline;

/// <summary>
/// From the moment a press was due to the SignalR frame that shows it, at a fixed rate whatever the answers (no coordinated
/// omission). Durable: the frame leaves after the commit. What comes in the warm-up, the console's sign-in and the
/// compiler's among it, is not counted. With a flood beside it, presses begin when the flood has run for the warm-up.
/// </summary>
internal static class PressToConsole
{
    /// <summary>Longest that a press is waited for after the last one was sent; what comes later is missing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<string> RunAsync(HubUnderLoad hub, int rate, TimeSpan warmUp, TimeSpan duration, int firstDevice = 0)
    {
        // Who presses and who looks are on other machines: what is measured is not to be their own wait for a processor.
        SchedulingSlice.Shorten();
        var warm = (int)(rate * warmUp.TotalSeconds);
        var measured = (int)(rate * duration.TotalSeconds);
        var due = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var samples = new ConcurrentQueue<double>();
        using var console = await BenchConsole.ConnectAsync(hub, (at, alarm) =>
        {
            if (due.TryRemove(BenchConsole.TextAfter(alarm, "\"device\":{\"id\":\""u8), out var dueAt))
            {
                samples.Enqueue(Stopwatch.GetElapsedTime(dueAt, at).TotalMilliseconds);
            }
        });
        using var publisher = await LoadClient.ConnectAsync(hub.Subject.Port, "press", credentials: hub.Service);
        _ = DrainAsync(publisher);
        var thread = new Thread(() =>
        {
            var start = Stopwatch.GetTimestamp();
            for (var n = 0; n < warm + measured; n++)
            {
                var at = start + ((long)n * Stopwatch.Frequency / rate);
                Pace.Until(at);

                // A device of its own for each press, so that each is an alarm of its own.
                var device = $"d{firstDevice + n:00000}";
                if (n >= warm)
                {
                    due[device] = at;
                }

                publisher.Socket.Send(SignalPacket.Of(device, "signal", $$"""{"id":"press-{{device}}","type":"button"}""", (ushort)((n % 65_535) + 1)));
            }
        });
        thread.Start();
        await Task.Run(thread.Join);
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Patience && samples.Count < measured;)
        {
            await Task.Delay(100);
        }

        await console.EndAsync();
        var sorted = samples.Order().ToArray();
        double At(double quantile) => sorted[(int)Math.Min(sorted.Length - 1, quantile * sorted.Length)];
        return sorted.Length == 0 ? "none arrived" : string.Create(
            CultureInfo.InvariantCulture,
            $"p50 {At(0.5):0.00} ms, p99 {At(0.99):0.00} ms, p99.9 {At(0.999):0.00} ms, max {sorted[^1]:0.00} ms, missing {measured - sorted.Length} of {measured}");
    }

    private static async Task DrainAsync(LoadClient client)
    {
        try
        {
            while (await client.ReadAsync(static (_, _) => { }))
            {
            }
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }
}
