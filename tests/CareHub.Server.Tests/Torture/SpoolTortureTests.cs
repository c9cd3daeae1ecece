using System.Globalization;
using System.Net.Sockets;
using System.Text;
using CareHub.Mqtt.Client;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Tests.Telemetry.Support;
using Eventually = CareHub.Storage.Tests.Telemetry.Support.Eventually;
using CareHub.Storage.Telemetry.Embedded;
using Microsoft.Data.Sqlite;
using Xunit.Abstractions;

namespace CareHub.Server.Tests.Torture;

/// <summary>
/// The hub and InfluxDB killed at random moments under readings, with a ledger of what was acknowledged: all of it arrives,
/// each reading once, in InfluxDB and in the embedded store. <c>make torture</c> is the long form.
/// </summary>
public sealed class SpoolTortureTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int ShortForm = 4;
    private const string Database = "torture";
    private static readonly TimeSpan GiveUp = TimeSpan.FromMinutes(3);

    private readonly string _data = Path.Combine(Path.GetTempPath(), $"carehub-spool-torture-{Guid.NewGuid():N}");
    private readonly InfluxdProcess _influxd = new();
    private long _acknowledged;

    public async Task InitializeAsync()
    {
        TestWorld.Create(_data);
        await _influxd.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _influxd.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Killed_at_random_moments_hub_and_InfluxDB_lose_no_reading_and_double_none()
    {
        var kills = Setting("TORTURE_KILLS") ?? ShortForm;
        var seed = Setting("TORTURE_SEED") ?? Random.Shared.Next();
        output.WriteLine($"to repeat: make torture TORTURE_KILLS={kills} TORTURE_SEED={seed}");
        var random = new Random(seed);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["CareHub__Influx__Url"] = _influxd.Url,
            ["CareHub__Influx__Database"] = Database,
            ["CareHub__Mqtt__Limits__TelemetryBurst"] = "100000",
            ["CareHub__Mqtt__Limits__TelemetryPerSecond"] = "100000",
        };
        var (http, mqtt) = (HubProcess.FreeServerPort(random), HubProcess.FreeServerPort(random));
        using var finish = new CancellationTokenSource();
        using var giveUp = new CancellationTokenSource(GiveUp + TimeSpan.FromSeconds(15 * kills));
        string[] devices = [TestWorld.Button, TestWorld.Fall, TestWorld.Smoke, TestWorld.OtherButton];
        var saying = devices.Select((device, i) => Task.Run(() => SayAsync(device, mqtt, seed + i, finish.Token, giveUp.Token))).ToArray();

        for (var kill = 0; kill < kills; kill++)
        {
            await using var hub = await HubProcess.StartAsync(_data, http, mqtt, settings);
            var before = Volatile.Read(ref _acknowledged);
            await Eventually.TrueAsync(() => Volatile.Read(ref _acknowledged) > before + random.Next(200, 2_000), "devices are acknowledged again", GiveUp);
            if (random.Next(2) == 0)
            {
                _influxd.Kill();
                await Task.Delay(random.Next(300), giveUp.Token);
                await hub.KillAsync();
                await _influxd.StartAsync();
            }
            else
            {
                await hub.KillAsync();
            }
        }

        await using var last = await HubProcess.StartAsync(_data, http, mqtt, settings);
        await finish.CancelAsync();
        var said = (await Task.WhenAll(saying)).Sum();
        output.WriteLine($"{said} readings acknowledged over {kills} kills");
        await using var console = await TestConsole.SignInAsync(last.Url, "operator", TestHub.Password);
        await Eventually.TrueAsync(
            async () =>
            {
                var status = await console.GetAsync("/api/v1/status");
                return (long)status["influx"]!["readingsWaiting"]! == 0 && (long)status["spool"]!["notApplied"]! == 0;
            },
            "everything is where it belongs", GiveUp);

        foreach (var device in devices)
        {
            var stored = (await _influxd.QueryAsync(Database, $"SELECT value FROM readings WHERE device = '{device}'")).Select(row => row[1].GetInt64()).Order().ToList();
            Assert.Equal(Enumerable.Range(0, stored.Count).Select(i => (long)i), stored);
            Assert.Equal(stored.Count, Kept(device));
            said -= stored.Count;
        }

        // Every device ends with nothing unacknowledged, so what it said is what there is.
        Assert.Equal(0, said);
    }

    /// <summary>A device that numbers its readings, several to a millisecond, and sends again what is not acknowledged; returns how many it said.</summary>
    private async Task<long> SayAsync(string device, int port, int seed, CancellationToken finish, CancellationToken giveUp)
    {
        var random = new Random(seed);
        var unacknowledged = new List<(byte[] Payload, int Readings)>();
        var start = DateTimeOffset.UtcNow.AddHours(-1);
        var number = 0L;
        while (!(finish.IsCancellationRequested && unacknowledged.Count == 0))
        {
            giveUp.ThrowIfCancellationRequested();
            try
            {
                await using var client = await MqttClient.ConnectAsync(
                    new MqttClientOptions { Port = port, Version = MqttVersion.V5, ClientId = device, Username = device, Password = TestHub.Secret }, giveUp);
                while (!(finish.IsCancellationRequested && unacknowledged.Count == 0))
                {
                    while (!finish.IsCancellationRequested && unacknowledged.Count < 10)
                    {
                        var readings = random.Next(1, 6);
                        var samples = Enumerable.Range(0, readings).Select(_ => string.Create(
                            CultureInfo.InvariantCulture, $$$"""{"at":"{{{start.AddMilliseconds(number / 5):yyyy-MM-ddTHH:mm:ss.fffZ}}}","values":{"n":{{{number++}}}}}"""));
                        unacknowledged.Add((Encoding.UTF8.GetBytes($"[{string.Join(',', samples)}]"), readings));
                    }

                    await SendAsync(client, device, unacknowledged);
                    await Task.Delay(random.Next(20), giveUp);
                }
            }
            catch (Exception gone) when (gone is MqttException or SocketException or IOException or TimeoutException)
            {
                // The hub was killed, or is not there yet.
                await Task.Delay(20 + random.Next(60), giveUp);
            }
        }

        return number;
    }

    private async Task SendAsync(MqttClient client, string device, List<(byte[] Payload, int Readings)> unacknowledged)
    {
        var sent = unacknowledged.ConvertAll(message => (Message: message, Answer: client.PublishAsync($"care/v1/{device}/reading", message.Payload, qos: 1)));
        Exception? gone = null;
        foreach (var (message, answer) in sent)
        {
            try
            {
                Assert.True((await answer).IsSuccess);
                unacknowledged.Remove(message);
                Interlocked.Add(ref _acknowledged, message.Readings);
            }
            catch (Exception failure) when (failure is MqttException or SocketException or IOException)
            {
                gone = failure;
            }
        }

        if (gone is not null)
        {
            throw new MqttException("The connection ended with readings under way.", inner: gone);
        }
    }

    /// <summary>Readings of a device in the embedded store, asked behind the hub's back.</summary>
    private int Kept(string device)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_data, "telemetry.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var store = new SeriesReader(connection);
        return store.Latest(device).Sum(series => store.Points(store.Find(device, series.Name)!.Value, UnixTicks.From(DateTimeOffset.MinValue), UnixTicks.From(DateTimeOffset.MaxValue), int.MaxValue).Count);
    }

    private static int? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
