using CareHub.Bench.Load;

namespace CareHub.Bench.Pipeline;

/// <summary>Connections that keep a window of QoS 1 publishes unacknowledged: as many as are acknowledged are sent anew.</summary>
internal static class WindowLoad
{
    /// <param name="subject">Who gets it.</param>
    /// <param name="credentials">How to sign in.</param>
    /// <param name="window">Unacknowledged publishes of each connection.</param>
    /// <param name="warmUp">How long it runs before it is measured: until the runtime has compiled what runs often.</param>
    /// <param name="duration">How long it is measured.</param>
    /// <param name="source">For a connection's number: what gives its next so many packets.</param>
    public static async Task<Figure> RunAsync(
        Subject subject, (string, string)? credentials, int window, TimeSpan warmUp, TimeSpan duration, Func<int, Func<int, ReadOnlyMemory<byte>>> source)
    {
        long acknowledged = 0;
        using var stop = new CancellationTokenSource();
        var clients = new List<LoadClient>();
        for (var i = 0; i < HubUnderLoad.Connections; i++)
        {
            clients.Add(await LoadClient.ConnectAsync(subject.Port, $"load{i}", credentials: credentials));
        }

        var running = clients.Select((client, index) => Task.Run(async () =>
        {
            var next = source(index);
            await client.Socket.SendAsync(next(window));
            while (!stop.IsCancellationRequested)
            {
                var acks = 0;
                if (!await client.ReadAsync((header, _) => acks += header == 0x40 ? 1 : 0))
                {
                    return;
                }

                Interlocked.Add(ref acknowledged, acks);
                await client.Socket.SendAsync(next(acks));
            }
        })).ToArray();
        await Task.Delay(warmUp);
        var figure = await Workloads.MeasureAsync(subject, duration, () => Interlocked.Read(ref acknowledged));
        await stop.CancelAsync();
        clients.ForEach(client => client.Dispose());
        await Task.WhenAll(running).ContinueWith(static _ => { }, TaskScheduler.Default);
        return figure;
    }
}
