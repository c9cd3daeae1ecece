using System.Buffers.Binary;
using System.Diagnostics;

namespace CareHub.Bench.Load;

/// <summary>The works that brokers are compared on. All payloads are 200 bytes.</summary>
internal static class Workloads
{
    private const int PayloadBytes = 200;

    /// <summary>Publishers send QoS 0 as fast as the subscriber gets it: at most <paramref name="window"/> each on the way.</summary>
    public static async Task<Figure> FanInAsync(Subject subject, int publishers, TimeSpan duration, int window = 100)
    {
        using var subscriber = await LoadClient.ConnectAsync(subject.Port, "sub", 1 << 20);
        await subscriber.SubscribeAsync("in/#", 0);
        long received = 0, sent = 0;
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            while (await subscriber.ReadAsync((h, _) => { if ((h & 0xF0) == 0x30) { received++; } }))
            {
            }
        });
        var clients = await Task.WhenAll(Enumerable.Range(0, publishers).Select(i => LoadClient.ConnectAsync(subject.Port, $"pub{i}")));
        const int Burst = 20;
        var writing = clients.Select((client, i) => Task.Run(async () =>
        {
            byte[] burst = [.. Enumerable.Repeat(LoadClient.Publish($"in/{i}", PayloadBytes, 0), Burst).SelectMany(p => p)];
            while (!stop.IsCancellationRequested)
            {
                if (Volatile.Read(ref sent) - Volatile.Read(ref received) > (long)window * publishers)
                {
                    await Task.Yield();
                    continue;
                }

                await client.Socket.SendAsync(burst);
                Interlocked.Add(ref sent, Burst);
            }
        })).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(1));
        var figure = await MeasureAsync(subject, duration, () => Volatile.Read(ref received));
        await stop.CancelAsync();
        await Task.WhenAll(writing);
        Array.ForEach(clients, client => client.Dispose());
        subscriber.Dispose();
        await reading.ContinueWith(static _ => { }, TaskScheduler.Default);
        return figure;
    }

    /// <summary>Each publisher keeps <paramref name="window"/> QoS 1 publishes unacknowledged.</summary>
    public static async Task<Figure> AcknowledgedAsync(Subject subject, int publishers, int window, TimeSpan duration)
    {
        long acknowledged = 0;
        using var stop = new CancellationTokenSource();
        var clients = new List<LoadClient>();
        for (var i = 0; i < publishers; i++)
        {
            clients.Add(await LoadClient.ConnectAsync(subject.Port, $"pub{i}"));
        }

        var running = clients.Select((client, i) => Task.Run(async () =>
        {
            var topic = $"q1/{i:0000}";
            var packet = LoadClient.Publish(topic, PayloadBytes, 1);
            var all = new byte[packet.Length * window];
            for (var w = 0; w < window; w++)
            {
                packet.CopyTo(all, w * packet.Length);
                BinaryPrimitives.WriteUInt16BigEndian(all.AsSpan((w * packet.Length) + LoadClient.PacketIdAt(topic, PayloadBytes)), (ushort)(w + 1));
            }

            await client.Socket.SendAsync(all);
            while (!stop.IsCancellationRequested)
            {
                // As many as were acknowledged in one read are sent again in one write.
                var acks = 0;
                if (!await client.ReadAsync((h, _) => { if (h == 0x40) { acks++; } }))
                {
                    return;
                }

                Interlocked.Add(ref acknowledged, acks);
                await client.Socket.SendAsync(all.AsMemory(0, acks * packet.Length));
            }
        })).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(1));
        var figure = await MeasureAsync(subject, duration, () => Interlocked.Read(ref acknowledged));
        await stop.CancelAsync();
        clients.ForEach(client => client.Dispose());
        await Task.WhenAll(running).ContinueWith(static _ => { }, TaskScheduler.Default);
        return figure;
    }

    /// <summary>One publisher, many subscribers, QoS 0; counts deliveries.</summary>
    public static async Task<Figure> FanOutAsync(Subject subject, int subscribers, TimeSpan duration)
    {
        long received = 0;
        var clients = new List<LoadClient>();
        for (var i = 0; i < subscribers; i++)
        {
            var client = await LoadClient.ConnectAsync(subject.Port, $"sub{i}", 16 * 1024);
            await client.SubscribeAsync("out", 0);
            clients.Add(client);
            _ = Task.Run(async () =>
            {
                try
                {
                    while (await client.ReadAsync((h, _) => { if (h == 0x30) { Interlocked.Increment(ref received); } }))
                    {
                    }
                }
                catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ObjectDisposedException)
                {
                    // The run is over.
                }
            });
        }

        using var publisher = await LoadClient.ConnectAsync(subject.Port, "pub");
        using var stop = new CancellationTokenSource();
        var packet = LoadClient.Publish("out", PayloadBytes, 0);
        var writing = Task.Run(async () =>
        {
            long sent = 0;
            while (!stop.IsCancellationRequested)
            {
                if ((sent * subscribers) - Interlocked.Read(ref received) > 20L * subscribers)
                {
                    await Task.Yield();
                    continue;
                }

                await publisher.Socket.SendAsync(packet);
                sent++;
            }
        });
        await Task.Delay(TimeSpan.FromSeconds(1));
        var figure = await MeasureAsync(subject, duration, () => Interlocked.Read(ref received));
        await stop.CancelAsync();
        await writing;
        clients.ForEach(client => client.Dispose());
        return figure;
    }

    /// <summary>TCP connect, CONNECT, CONNACK, DISCONNECT, over and over.</summary>
    public static async Task<Figure> ConnectsAsync(Subject subject, int concurrency, TimeSpan duration)
    {
        long connected = 0;
        using var stop = new CancellationTokenSource();
        var running = Enumerable.Range(0, concurrency).Select(i => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var client = await LoadClient.ConnectAsync(subject.Port, $"connect{i}", 64);
                await client.Socket.SendAsync((byte[])[0xE0, 0]);
                Interlocked.Increment(ref connected);
            }
        })).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(1));
        var figure = await MeasureAsync(subject, duration, () => Interlocked.Read(ref connected));
        await stop.CancelAsync();
        await Task.WhenAll(running);
        return figure;
    }

    /// <summary>Resident bytes for each of many connections that do nothing.</summary>
    public static async Task<Figure> IdleMemoryAsync(Subject subject, int connections)
    {
        // Some connections first: code and pools are not the connections' memory.
        var warm = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => LoadClient.ConnectAsync(subject.Port, $"warm{i}", 64)));
        Array.ForEach(warm, client => client.Dispose());
        await Task.Delay(1_000);
        var before = subject.ResidentBytes;
        var clients = new List<LoadClient>(connections);
        for (var i = 0; i < connections; i++)
        {
            clients.Add(await LoadClient.ConnectAsync(subject.Port, $"idle{i}", 64));
        }

        await Task.Delay(2_000);
        var each = (subject.ResidentBytes - before) / (double)connections;
        clients.ForEach(client => client.Dispose());
        return new Figure(0, each, $"{each:0} B");
    }

    /// <summary>Publishes at a fixed rate, whatever the answers: time to the PUBACK from when the message was due.</summary>
    public static async Task<Figure> OpenLoopAsync(Subject subject, int rate, TimeSpan duration)
    {
        const int Connections = 10;
        var samples = new List<double>();
        var clients = await Task.WhenAll(Enumerable.Range(0, Connections).Select(i => LoadClient.ConnectAsync(subject.Port, $"open{i}")));
        var due = new long[Connections, 65536];
        foreach (var (client, index) in clients.Select((c, i) => (c, i)))
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    while (await client.ReadAsync((h, body) =>
                    {
                        if (h == 0x40)
                        {
                            var elapsed = Stopwatch.GetElapsedTime(due[index, BinaryPrimitives.ReadUInt16BigEndian(body)]);
                            lock (samples)
                            {
                                samples.Add(elapsed.TotalMicroseconds);
                            }
                        }
                    }))
                    {
                    }
                }
                catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ObjectDisposedException)
                {
                    // The run is over.
                }
            });
        }

        var packets = Enumerable.Range(0, Connections).Select(i => LoadClient.Publish($"o/{i}", PayloadBytes, 1)).ToArray();
        var idAt = LoadClient.PacketIdAt("o/0", PayloadBytes);
        var stop = duration + TimeSpan.FromSeconds(1);
        double cpuBefore = 0;
        var measuring = false;
        var sender = new Thread(() =>
        {
            var start = Stopwatch.GetTimestamp();
            for (long n = 0; ; n++)
            {
                var at = start + (n * Stopwatch.Frequency / rate);
                Pace.Until(at);

                var elapsed = Stopwatch.GetElapsedTime(start, at);
                if (elapsed > stop)
                {
                    return;
                }

                if (!measuring && elapsed > TimeSpan.FromSeconds(1))
                {
                    measuring = true;
                    cpuBefore = subject.CpuSeconds;
                    lock (samples)
                    {
                        samples.Clear();
                    }
                }

                var which = (int)(n % Connections);
                var id = (ushort)((n / Connections % 65535) + 1);
                BinaryPrimitives.WriteUInt16BigEndian(packets[which].AsSpan(idAt), id);
                due[which, id] = at;
                clients[which].Socket.Send(packets[which]);
            }
        });
        sender.Start();
        await Task.Run(sender.Join);
        var cpu = (subject.CpuSeconds - cpuBefore) / duration.TotalSeconds;
        await Task.Delay(200);
        Array.ForEach(clients, client => client.Dispose());
        double[] sorted;
        lock (samples)
        {
            sorted = [.. samples.Order()];
        }

        double At(double quantile) => sorted[(int)Math.Min(sorted.Length - 1, quantile * sorted.Length)];
        return new Figure(0, cpu * 100, $"p50 {At(0.5):0} µs, p99 {At(0.99):0} µs, p99.9 {At(0.999):0} µs, CPU {cpu * 100:0.0} %");
    }

    /// <summary>What is done in a time, for each second of it and of the subject's processor.</summary>
    public static async Task<Figure> MeasureAsync(Subject subject, TimeSpan duration, Func<long> count)
    {
        var cpu = subject.CpuSeconds;
        var done = count();
        var start = Stopwatch.GetTimestamp();
        await Task.Delay(duration);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var work = count() - done;
        return new Figure(work / (subject.CpuSeconds - cpu), work / seconds);
    }
}
