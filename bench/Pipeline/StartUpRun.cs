using System.Diagnostics;
using System.Globalization;
using CareHub.Bench.Load;
using Microsoft.Data.Sqlite;

namespace CareHub.Bench.Pipeline;

/// <summary>
/// A city: devices in homes of five with an elder each, in four hundred communities. From the start of the process to the first good
/// answer of <c>/healthz/ready</c>, and what it holds in memory then, beside an empty hub; how long a press waits while the escalations that
/// fell due meanwhile are made, and how long the hub takes to end after a SIGTERM.
/// </summary>
internal static class StartUpRun
{
    private const int DevicesPerSite = 5;
    private const int Communities = 400;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan PressEvery = TimeSpan.FromMilliseconds(20);

    public static async Task<string> RunAsync(int port, int devices, int openAlarms)
    {
        var empty = NewDirectory();
        var city = NewDirectory();
        try
        {
            await HubUnderLoad.PrepareAsync(empty, deviceCount: 0);
            var secret = await HubUnderLoad.PrepareAsync(city, deviceCount: 0);
            Fill(city, devices);
            await StartAsync(empty, port, null);
            var (_, without, _) = await StartAsync(empty, port, null);
            var (readyClosed, registered, _) = await StartAsync(city, port, null);
            await StartAsync(city, port, subject => RaiseAsync(subject, secret, devices, openAlarms));
            List<double> presses = [];
            var (ready, withAlarms, stop) = await StartAsync(city, port, async subject => presses = await PressAsync(subject, secret, devices));
            return string.Create(CultureInfo.InvariantCulture,
                $"{devices} devices, no alarms: ready in {readyClosed.TotalSeconds:0.0} s, {registered / 1e6:0} MB; {openAlarms} alarms: ready in {ready.TotalSeconds:0.0} s, {withAlarms / 1e6:0} MB; empty hub {without / 1e6:0} MB; {(registered - without) / (double)devices:0} B for each device, {(withAlarms - registered) / (double)openAlarms:0} B for each open alarm; a press then: p50 {presses[presses.Count / 2]:0.0} ms, max {presses[^1]:0} ms; stopped in {stop.TotalSeconds:0.0} s");
        }
        finally
        {
            Directory.Delete(empty, recursive: true);
            Directory.Delete(city, recursive: true);
        }
    }

    private static string NewDirectory() => Directory.CreateTempSubdirectory("carehub-bench-").FullName;

    private static async Task<(TimeSpan Ready, long Bytes, TimeSpan Stop)> StartAsync(string directory, int port, Func<Subject, Task>? work)
    {
        var start = Stopwatch.GetTimestamp();
        using var subject = await Subject.StartAsync("carehub", HubUnderLoad.Start(directory, port, "serve"), port);
        await HubUnderLoad.ReadyAsync(new Uri($"http://127.0.0.1:{port + 1}"), TimeSpan.FromMilliseconds(10));
        var ready = Stopwatch.GetElapsedTime(start);
        await (work?.Invoke(subject) ?? Task.CompletedTask);
        await Task.Delay(Settle);
        var bytes = subject.ResidentBytes;
        var processor = subject.CpuSeconds;
        var stop = await subject.StopAsync();
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"start: ready in {ready.TotalSeconds:0.00} s, {bytes / 1e6:0} MB, {processor:0.0} CPU s, stopped in {stop.TotalSeconds:0.00} s"));
        return (ready, bytes, stop);
    }

    /// <summary>Each on another device, far apart, so that no storm groups them.</summary>
    private static async Task RaiseAsync(Subject subject, string secret, int devices, int alarms)
    {
        const int Window = 500;
        using var client = await LoadClient.ConnectAsync(subject.Port, "load", 64 * 1024, ("load", secret));
        var acknowledged = 0;
        for (var sent = 0; acknowledged < alarms;)
        {
            while (sent < alarms && sent - acknowledged < Window)
            {
                await client.Socket.SendAsync(SignalPacket.Of($"c{(long)sent * devices / alarms:0000000}", "signal", $$"""{"id":"open-{{sent}}","type":"fall"}""", (ushort)((sent % 65_535) + 1)));
                sent++;
            }

            await client.ReadAsync((header, _) => acknowledged += header == 0x40 ? 1 : 0);
        }
    }

    /// <summary>Milliseconds from a press to its acknowledgement, one after the other, from the moment at which the hub is ready; in order of length.</summary>
    private static async Task<List<double>> PressAsync(Subject subject, string secret, int devices)
    {
        using var client = await LoadClient.ConnectAsync(subject.Port, "press", credentials: ("load", secret));
        var samples = new List<double>();
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Settle; await Task.Delay(PressEvery))
        {
            var at = Stopwatch.GetTimestamp();
            await client.Socket.SendAsync(SignalPacket.Of($"c{(samples.Count * DevicesPerSite % devices) + 1:0000000}", "signal", $$"""{"id":"press-{{samples.Count}}","type":"button"}""", 1));
            for (var acknowledged = false; !acknowledged;)
            {
                await client.ReadAsync((header, _) => acknowledged |= header == 0x40);
            }

            samples.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }

        samples.Sort();
        return samples;
    }

    private static void Fill(string directory, int devices)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(directory, "registry.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            BEGIN;
            INSERT INTO regions (Id, ParentId, Name, Level) VALUES ('city', 'all', '临江市', 'city');
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {Communities - 1})
              INSERT INTO regions (Id, ParentId, Name, Level) SELECT printf('community-%03d', i), 'city', printf('第%d社区', i), 'community' FROM n;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {(devices / DevicesPerSite) - 1})
              INSERT INTO sites (Id, RegionId, Kind, Name, Address) SELECT printf('home-%06d', i), printf('community-%03d', i % {Communities}), 'home', printf('文晖路 %d 号', i), printf('临江市文晖路 %d 号 2 单元 301', i) FROM n;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {(devices / DevicesPerSite) - 1})
              INSERT INTO residents (Id, SiteId, Name, BirthDate, Sex, LivesAlone, RiskFlags) SELECT printf('r-%06d', i), printf('home-%06d', i), '王桂英', '1943-05-06', 'female', 0, '' FROM n;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {devices - 1})
              INSERT INTO devices (Id, Kind, SiteId, ResidentId, Name, SecretHash, IntervalSeconds, Disabled)
              SELECT printf('c%07d', i), CASE i % 5 WHEN 0 THEN 'emergency_button' WHEN 1 THEN 'fall_sensor' WHEN 2 THEN 'smoke_detector' WHEN 3 THEN 'door_sensor' ELSE 'bed_sensor' END,
                     printf('home-%06d', i / 5), printf('r-%06d', i / 5), NULL, randomblob(32), 3600, 0 FROM n;
            COMMIT;
            """;
        command.CommandTimeout = 600;
        command.ExecuteNonQuery();
    }
}
