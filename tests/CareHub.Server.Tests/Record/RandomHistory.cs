using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Silences;
using CareHub.Core.Triage;
using CareHub.Server.Pipeline;
using CareHub.Server.Rules;
using CareHub.Server.Tests.Support;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Server.Tests.Record;

/// <summary>A seeded history through the real pipeline onto a real file: signals, acts of people, time, failed commits, restarts, changes of the rules.</summary>
internal sealed class RandomHistory : IDisposable
{
    private static readonly SignalKind[] Kinds = Enum.GetValues<SignalKind>();
    private static readonly string[] RuleTexts =
    [
        "",
        "signals:\n  bed_exit: {priority: high}\n  fall: {verify: 5s}\nchattering: {more_than: 2, within: 10m, calm: 3m}\noverrides:\n- name: south\n  when: {region: south}\n  signals:\n    button: {priority: high}\n    fault: {priority: medium}\n    inactivity: {priority: low}\n",
        "signals:\n  water: {delay: 7s}\noverrides:\n- name: gateways\n  when: {device_kind: gateway}\n  signals:\n    offline: {priority: high, delay: 2s}\n",
    ];

    private readonly System.Random _random;
    private readonly ManualTime _time = new();
    private readonly Dictionary<string, Alarm> _open = new(StringComparer.Ordinal);
    private readonly List<(Signal Signal, DeviceFacts Device)> _sent = [];
    private RuleBook _rules = Book(0);
    private bool _staffed = true;
    private int _ids;

    private readonly int[] _books;

    private RandomHistory(int seed, int[]? rules)
    {
        _books = rules ?? [0, 1, 2];
        _random = new System.Random(seed);
        Data = DataDirectory.Open(Path.Combine(Path.GetTempPath(), $"carehub-history-{Guid.NewGuid():N}"));
    }

    public DataDirectory Data { get; }

    public DateTimeOffset Now => _time.GetUtcNow();

    public static async Task<RandomHistory> CreateAsync(int seed, int lives = 3, int rounds = 40, int[]? rules = null)
    {
        var history = new RandomHistory(seed, rules);
        await history.GoOnAsync(lives, rounds);
        return history;
    }

    public async Task GoOnAsync(int lives, int rounds = 40)
    {
        for (var life = 0; life < lives; life++)
        {
            await LiveAsync(rounds);
        }

        SqliteConnection.ClearAllPools();
    }

    public static RuleBook Book(int index) => RuleFile.Parse(RuleTexts[index], TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"), [])!;

    /// <summary>Changes the file behind the program's back.</summary>
    public void Tamper(string sql)
    {
        using var connection = SqliteFile.OpenUnpooledWriter(Data.AlarmsFile);
        SqliteFile.Execute(connection, sql);
    }

    private async Task LiveAsync(int rounds)
    {
        using var ledger = new FaultyLedger(AlarmLedger.Open(Data));
        var sites = ledger.LoadSites();
        _open.Clear();
        foreach (var alarm in sites.Values.SelectMany(site => site.Open.Values))
        {
            _open[alarm.Id] = alarm;
        }

        await using var pipeline = new TriagePipeline(ledger, sites, () => _rules, _ => _staffed, (_, _) => [], _time, Publish, NullLoggerFactory.Instance);
        pipeline.Start();
        for (var round = 0; round < rounds; round++)
        {
            ledger.Fail(_random.Next(12) == 0);
            await Task.WhenAll(Enumerable.Range(0, _random.Next(1, 6)).Select(_ => ActAsync(pipeline)).ToList());
            ledger.Fail(false);
            _time.Advance(TimeSpan.FromMilliseconds(_random.Next(_random.Next(8) == 0 ? 900_000 : 9_000)));
            if (_random.Next(15) == 0)
            {
                _rules = Book(_books[_random.Next(_books.Length)]);
                await pipeline.RulesHaveChangedAsync();
            }

            _staffed = _random.Next(6) > 0;
        }
    }

    private void Publish(CommitBatch batch)
    {
        lock (_open)
        {
            foreach (var change in batch.Changes)
            {
                _open[change.Alarm.Id] = change.Alarm;
            }
        }
    }

    private async Task ActAsync(TriagePipeline pipeline)
    {
        // A failed commit is the sender's to repeat; here it is one that did not happen.
        try
        {
            switch (_random.Next(10))
            {
                case < 6:
                    var sent = _sent.Count > 0 && _random.Next(8) == 0 ? _sent[_random.Next(_sent.Count)] : SomeSignal();
                    _sent.Add(sent);
                    await pipeline.SignalAsync(sent.Signal, sent.Device);
                    break;
                case < 9:
                    Alarm? alarm;
                    lock (_open)
                    {
                        alarm = _open.Count == 0 ? null : _open.Values.OrderBy(each => each.Id, StringComparer.Ordinal).ElementAt(_random.Next(_open.Count));
                    }

                    if (alarm is not null)
                    {
                        await pipeline.CommandAsync(alarm.SiteId, SomeCommand(alarm));
                    }

                    break;
                default:
                    await pipeline.CommandAsync($"home.{_random.Next(3)}", SomeSilence());
                    break;
            }
        }
        catch (IOException)
        {
        }
    }

    private (Signal Signal, DeviceFacts Device) SomeSignal()
    {
        var number = _random.Next(9);
        var kind = number == 0 ? DeviceKinds.Gateway : number % 2 == 0 ? DeviceKinds.SmokeDetector : DeviceKinds.EmergencyButton;
        var now = _time.HubNow();
        var device = new DeviceFacts($"d{number}", kind, $"home.{number % 3}", number % 4 == 0 ? null : $"r{number}")
        {
            GatewayId = number % 3 == 0 && number > 0 ? "d0" : null,

            // The registry moves a site now and then.
            RegionPath = _random.Next(4) == 0 ? ["all", "south"] : ["all", "city", "north"],
        };
        var signal = new Signal
        {
            DeviceId = device.Id,
            Id = $"s{++_ids}",
            Kind = Kinds[_random.Next(Kinds.Length)],
            ReceivedAt = now.AddMilliseconds(-_random.Next(300)),
            DeviceAt = _random.Next(2) == 0 ? now.AddSeconds(-_random.Next(60)) : null,
            Buffered = _random.Next(3) == 0,
            Of = _random.Next(3) == 0 ? Kinds[_random.Next(Kinds.Length)] : null,
            Confidence = _random.Next(2) == 0 ? _random.NextDouble() : null,
            Zone = _random.Next(2) == 0 ? "卧室" : null,
            Source = (SignalSource)_random.Next(3),
            Raw = new byte[] { 1, 2, 3 },
        };
        return (signal, device);
    }

    private AlarmCommand SomeCommand(Alarm alarm)
    {
        var author = new Author(AuthorKind.User, $"u{_random.Next(3)}", "李强");
        var version = Math.Max(1, alarm.Version - _random.Next(2));
        return _random.Next(11) switch
        {
            0 => new AlarmCommand.Acknowledge(alarm.Id, version, author),
            1 => new AlarmCommand.Claim(alarm.Id, version, author),
            2 => new AlarmCommand.TakeOver(alarm.Id, version, author, "because"),
            3 => new AlarmCommand.Release(alarm.Id, version, author, null, _random.Next(2) == 0),
            4 or 5 => new AlarmCommand.Resolve(alarm.Id, version, author, Disposition.Real, "说明"),
            6 => new AlarmCommand.AddNote(alarm.Id, version, author, "note"),
            7 => new AlarmCommand.Dispatch(alarm.Id, version, author, "carer", "陈芳"),
            8 => new AlarmCommand.Progress(alarm.Id, version, author, (ResponseStage)_random.Next(3, 6)),
            9 => new AlarmCommand.HandOver(alarm.Id, version, author, "u2", "王敏", "shift"),
            _ => new AlarmCommand.Seen(alarm.Id, version, author),
        };
    }

    private AlarmCommand SomeSilence()
    {
        var author = new Author(AuthorKind.User, "u1", "李强");
        var until = _time.HubNow().AddMinutes(_random.Next(1, 60));
        return _random.Next(4) switch
        {
            0 => new AlarmCommand.Shelve($"d{_random.Next(9)}", null, author, "mattress", until),
            1 => new AlarmCommand.Shelve(null, SignalKind.LowBattery, author, "delivery", until),
            2 => new AlarmCommand.BeginMaintenance(MaintenanceMode.WalkTest, $"d{_random.Next(9)}", author, "installer", until),
            _ => new AlarmCommand.BeginMaintenance(MaintenanceMode.OutOfService, $"d{_random.Next(9)}", author, "broken", until),
        };
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(Data.Root, recursive: true);
    }
}
