using System.Diagnostics;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Alarms;
using Xunit.Abstractions;

namespace CareHub.Server.Tests.Torture;

/// <summary>
/// The real hub as a process, real devices and consoles over real sockets, and SIGKILL at random moments. Afterwards what
/// devices were told, what is on record and what consoles show must agree.
/// </summary>
internal sealed class TortureRun(string data, int seed, int kills, ITestOutputHelper output)
{
    private static readonly (string Device, string[] Kinds)[] Devices =
    [
        (TestWorld.Button, ["button", "button", "low_battery", "restore"]),
        (TestWorld.OtherButton, ["button", "test"]),
        (TestWorld.Fall, ["fall", "cancel", "fault", "restore"]),
        (TestWorld.Smoke, ["smoke", "restore", "tamper"]),
        (TestWorld.Gateway, ["fault", "restore", "tamper"]),
        (TestWorld.BehindGateway, ["smoke", "water", "restore", "low_battery"]),
    ];

    private readonly Random _random = new(seed);
    private readonly Ledger _ledger = new();

    public async Task RunAsync()
    {
        TestWorld.Create(data);
        var (http, mqtt) = (HubProcess.FreeServerPort(Random.Shared), HubProcess.FreeServerPort(Random.Shared));
        var url = new Uri($"http://127.0.0.1:{http}");
        using var finish = new CancellationTokenSource();
        using var stop = new CancellationTokenSource();
        var devices = Devices.Select(each => new TortureDevice(each.Device, each.Kinds, mqtt, _random.Next(), _ledger)).ToList();
        TortureConsole[] consoles = [new("operator", url, _random.Next(), acts: false), new("second", url, _random.Next(), acts: true), new("north", url, _random.Next(), acts: false)];
        var deviceLives = devices.Select(device => device.RunAsync(finish.Token, stop.Token)).ToList();
        var consoleLives = consoles.Select(console => console.RunAsync(stop.Token)).ToList();
        try
        {
            for (var kill = 1; kill <= kills; kill++)
            {
                await LiveAndDieAsync(http, mqtt);
            }

            await CheckAsync("after the last kill, without a hub");
            await using var last = await HubProcess.StartAsync(data, http, mqtt);
            await finish.CancelAsync();
            await Eventually.True(() => deviceLives.TrueForAll(life => life.IsCompleted), $"every device is acknowledged; waiting: {string.Join(' ', devices.Select(device => device.Waiting))}");
            await Task.WhenAll(deviceLives);
            await CompareConsolesAsync(consoles);
            await CheckAsync("beside the running hub");
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll([.. deviceLives, .. consoleLives]).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        CompareLedger();
        Assert.Empty(consoles.SelectMany(console => console.Violations));
        output.WriteLine($"console connections {string.Join('/', consoles.Select(console => console.Connections))}, deltas {string.Join('/', consoles.Select(console => console.Deltas))}");
    }

    /// <summary>One life of the hub: as a rule killed at work, now and then while it is still starting.</summary>
    private async Task LiveAndDieAsync(int http, int mqtt)
    {
        if (_random.Next(6) == 0)
        {
            using var starting = Process.Start(HubProcess.Prepare(HubProcess.Settings(data, http, mqtt), "serve"))!;
            _ = starting.StandardOutput.ReadToEndAsync();
            _ = starting.StandardError.ReadToEndAsync();
            await Task.Delay(_random.Next(1_500));
            starting.Kill();
            await starting.WaitForExitAsync();
            return;
        }

        await using var hub = await HubProcess.StartAsync(data, http, mqtt);
        await Task.Delay(_random.Next(40, 1_200));
        if (_random.Next(3) == 0)
        {
            await hub.KillAsync();
            return;
        }

        _ledger.AtNextAcknowledgement(hub.Kill);
        await hub.WaitForExitAsync().WaitAsync(Eventually.Patience);
    }

    private async Task CheckAsync(string when)
    {
        foreach (var command in new[] { "verify", "replay" })
        {
            var (exit, said) = await HubProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal), command, "--data", data);
            Assert.True(exit == 0, $"{command} {when}: {said}");
            output.WriteLine($"{when}: {said.Trim()}");
        }
    }

    /// <summary>Deadlines go on moving alarms, so that the record and the consoles are compared until they agree at one moment.</summary>
    private async Task CompareConsolesAsync(TortureConsole[] consoles)
    {
        var patience = Stopwatch.StartNew();
        var difference = "";
        while (patience.Elapsed < Eventually.Patience)
        {
            var before = OpenOnRecord();
            var shown = consoles.Select(console => console.Open).ToList();
            difference = Differ(before, shown[0], "operator") ?? Differ(before, shown[1], "second")
                ?? Differ(before.Where(pair => pair.Key.StartsWith("home-1.", StringComparison.Ordinal)).ToDictionary(), shown[2], "north");
            if (difference is null)
            {
                output.WriteLine($"{before.Count} open alarms, the same on every console");
                return;
            }

            await Task.Delay(20);
        }

        Assert.Fail($"the consoles and the record do not agree: {difference}");
    }

    private static string? Differ(IReadOnlyDictionary<string, Shown> recorded, IReadOnlyDictionary<string, Shown> shown, string user)
    {
        var wrong = recorded.Keys.Union(shown.Keys, StringComparer.Ordinal)
            .Where(id => !recorded.TryGetValue(id, out var one) || !shown.TryGetValue(id, out var other) || one != other).Order(StringComparer.Ordinal).ToList();
        return wrong.Count == 0 ? null : $"{user}: {string.Join("; ", wrong.Take(5).Select(id => $"{id} recorded {Of(recorded, id)} shown {Of(shown, id)}"))}";

        static string Of(IReadOnlyDictionary<string, Shown> alarms, string id) => alarms.TryGetValue(id, out var alarm) ? alarm.ToString() : "not";
    }

    private Dictionary<string, Shown> OpenOnRecord()
    {
        using var connection = ReadOnlyFile.Open(Path.Combine(data, "alarms.db"));
        return connection.Rows("SELECT id, version, active, acknowledged FROM alarms WHERE closed_at IS NULL")
            .Select(row => (Id: row.GetString(0), Shown: new Shown(row.GetInt32(1), row.GetBoolean(2), row.GetBoolean(3)))).ToDictionary(row => row.Id, row => row.Shown, StringComparer.Ordinal);
    }

    private void CompareLedger()
    {
        using var connection = ReadOnlyFile.Open(Path.Combine(data, "alarms.db"));
        var kept = connection.Rows("SELECT device_id, signal_id, COUNT(*), SUM(redeliveries) FROM signals GROUP BY device_id, signal_id")
            .Select(row => (Key: (row.GetString(0), row.GetString(1)), Times: row.GetInt32(2), Redelivered: row.GetInt32(3))).ToDictionary(row => row.Key);
        var lost = _ledger.AllAcknowledged.Where(key => !kept.ContainsKey(key)).ToList();
        var duplicated = kept.Values.Where(row => row.Times > 1).Select(row => row.Key).ToList();
        var invented = kept.Keys.Where(key => !key.Item2.StartsWith('~') && !_ledger.Knows(key.Item1, key.Item2)).ToList();
        output.WriteLine(
            $"torture: {kills} kills, {_ledger.Sent} signals sent, {_ledger.Acknowledged} acknowledged, {kept.Values.Sum(row => row.Redelivered)} redelivered; lost {lost.Count}, duplicated {duplicated.Count}");
        Assert.True(lost.Count == 0, $"lost {lost.Count}: {string.Join(' ', lost.Take(10))}");
        Assert.True(duplicated.Count == 0, $"duplicated {duplicated.Count}: {string.Join(' ', duplicated.Take(10))}");
        Assert.True(invented.Count == 0, $"never sent {invented.Count}: {string.Join(' ', invented.Take(10))}");
        Assert.True(_ledger.Acknowledged > 0, "nothing was acknowledged at all");
    }
}
