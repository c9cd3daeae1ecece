using CareHub.Simulation.Tests.Actors;
using CareHub.Simulation.Tests.Audit;
using CareHub.Simulation.Tests.Hub;
using CareHub.Simulation.Tests.Stores;
using CareHub.Simulation.Tests.World;

namespace CareHub.Simulation.Tests;

/// <summary>
/// One seed's life of a town, in virtual time and on one thread: devices, their network, the hub's process and its disk,
/// consoles and the people at them; and the auditor who sees what crosses their boundaries.
/// </summary>
internal sealed class Simulation : IHubWorld, IDisposable
{
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(75);

    private readonly Seams _seams;
    private readonly IDisk _disk;
    private readonly List<SimDevice> _devices;
    private readonly List<SimConsole> _consoles;
    private readonly Dictionary<SimConsole, SimOperator> _operators;
    private readonly Dictionary<string, long> _lastHeard;
    private DateTimeOffset _diskFullUntil;

    public Simulation(int seed, Seams seams, Action<string>? verbose = null)
    {
        Seed = seed;
        _seams = seams;
        Dice = new Dice(seed);
        Profile = Profile.Of(seed, Dice);
        Trace = new Trace(Clock, verbose);
        _disk = Profile.Sqlite ? new SqliteDisk() : new ModelDisk();
        Auditor = new Auditor(Clock, _disk, Town.Places, Town.Things, Town.People);
        Things = [.. Town.Things.Where(thing => Profile.Sites.Contains(thing.SiteId))];
        _devices = Things.ConvertAll(thing => new SimDevice(this, thing));
        _consoles = [.. Profile.Desks.Select(person => new SimConsole(this, person))];
        _operators = _consoles.ToDictionary(console => console, console => new SimOperator(this, console));
        _lastHeard = Things.ToDictionary(thing => thing.Id, _ => Clock.Now.ToUnixTimeMilliseconds(), StringComparer.Ordinal);
        Things.ForEach(thing => Auditor.Heard(thing.Id));
    }

    public int Seed { get; }

    public Clock Clock { get; } = new();

    public Dice Dice { get; }

    public Trace Trace { get; }

    public Auditor Auditor { get; }

    public Profile Profile { get; }

    public List<Thing> Things { get; }

    public HubLife? Hub { get; private set; }

    /// <summary>No more faults, and nobody does anything new: what has been said must now arrive everywhere.</summary>
    public bool IsQuiet { get; private set; }

    public int Crashes { get; private set; }

    /// <summary>Lives the seed to its end; throws <see cref="BrokenPromise"/> at the first one.</summary>
    public void Run()
    {
        Start(isRestart: false);
        _devices.ForEach(device => device.Live());
        _consoles.ForEach(console => console.Live());
        _operators.Values.ToList().ForEach(each => each.Live());
        Clock.After(HubPresence.SweepEvery, Sweep);
        Clock.After(Dice.Exponential(Profile.CrashEvery), CrashByChance);
        Clock.After(Dice.Exponential(Profile.DiskFullEvery), FillDisk);
        if (Profile.Flood)
        {
            Clock.After(Dice.Seconds(60, 200), () => Dice.Of(_devices).Flood(Dice.Between(600, 1400)));
        }

        Live(Clock.Now + Profile.Duration);
        Calm();
        Live(Clock.Now + QuietTime);
        if (Hub is { } hub)
        {
            foreach (var console in _consoles)
            {
                var news = hub.Queue.ReadAfter(console.Person.RegionId, 0);
                Auditor.Settled(console.Person.User, console.Person.RegionId, [.. console.Open.Select(alarm => (alarm.Id, alarm.Version))], news.OpenTotal);
            }
        }

        Auditor.End([.. _devices.Where(device => device.IsConnected).Select(device => device.Thing.Id)]);
    }

    private void Live(DateTimeOffset end)
    {
        while (Clock.Step(end))
        {
            Auditor.Tick();
        }
    }

    private void Calm()
    {
        Trace.Add("quiet");
        IsQuiet = true;
        _diskFullUntil = default;
        _devices.ForEach(device => device.Return());
        if (Hub is null)
        {
            Start(isRestart: true);
        }
    }

    public bool Loses() => !IsQuiet && Dice.Chance(Profile.Loss);

    /// <summary>What a device sends, some time later, if there is a hub to take it then.</summary>
    public void ToHub(Action<HubLife> deliver) => Clock.After(Dice.Ms(2, 250), () =>
    {
        if (Hub is { } hub)
        {
            deliver(hub);
        }
    });

    public SimOperator? Desk(SimConsole console) => _operators.GetValueOrDefault(console);

    public void NewsForConsoles() => _consoles.ForEach(console => console.Ring());

    /// <summary>Everything at a site speaks at once.</summary>
    public void Storm(string siteId)
    {
        Trace.Add($"storm at {siteId}");
        foreach (var device in _devices.Where(device => device.Thing.SiteId == siteId))
        {
            Clock.After(Dice.Seconds(0, 5), device.SpeakOfItself);
        }
    }

    /// <summary>A gateway and all that speaks through it.</summary>
    public void GatewayFails(string gatewayId, TimeSpan time)
    {
        foreach (var device in _devices.Where(device => device.Thing.GatewayId == gatewayId || device.Thing.Id == gatewayId))
        {
            device.Vanish(time + Dice.Seconds(0, 20), leavesWill: true);
        }
    }

    public bool CrashesAt(CrashPoint point)
    {
        if (Hub is null || IsQuiet || !Dice.Chance(Profile.CrashInRound))
        {
            return false;
        }

        Crash($"in a round: {point}");
        return true;
    }

    private void CrashByChance()
    {
        if (!IsQuiet && Hub is not null)
        {
            Crash("at some point");
        }

        Clock.After(Dice.Exponential(Profile.CrashEvery), CrashByChance);
    }

    private void Crash(string where)
    {
        Trace.Add($"hub: dies {where}");
        Crashes++;
        Hub!.Die();
        Hub = null;
        _seams.Crashed(_disk);
        Auditor.HubDown();
        _devices.ForEach(device => device.Reconnect());
        Clock.After(Dice.Ms(300, 20_000), () =>
        {
            if (Hub is null)
            {
                Start(isRestart: true);
            }
        });
    }

    private void Start(bool isRestart)
    {
        Trace.Add(isRestart ? "hub: starts again" : "hub: starts");
        var ledger = _seams.Over(new FaultyLedger(_disk.Open(), CommitFails));
        Hub = new HubLife(this, _seams, ledger, _lastHeard, isRestart);
        Auditor.HubUp();
    }

    private bool CommitFails() => !IsQuiet && (Clock.Now < _diskFullUntil || Dice.Chance(Profile.CommitFails));

    private void FillDisk()
    {
        if (!IsQuiet)
        {
            _diskFullUntil = Clock.Now + Dice.Seconds(2, 40);
            Trace.Add("disk: full");
        }

        Clock.After(Dice.Exponential(Profile.DiskFullEvery), FillDisk);
    }

    private void Sweep()
    {
        if (Hub is { } hub && hub.Sweeps)
        {
            hub.Presence.Sweep();
            foreach (var (deviceId, at) in hub.Presence.Heard)
            {
                _lastHeard[deviceId] = at;
            }
        }

        Clock.After(HubPresence.SweepEvery, Sweep);
    }

    public void Dispose()
    {
        Hub?.Die();
        _disk.Dispose();
    }
}
