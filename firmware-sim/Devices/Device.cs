namespace CareHub.Simulator.Devices;

/// <summary>
/// One device: a state machine over simulated time. The same seed and the same acts give the same events, whatever the
/// machine it runs on, because time comes in from outside and chance from the seed.
/// </summary>
internal sealed class Device
{
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(60);

    private const double LowBatteryPercent = 15;
    private const double BatteryPercentPerDay = 0.7;

    private static readonly string[] Zones = ["bedroom", "living_room", "kitchen", "bathroom", "hall"];

    private readonly KindProfile _profile;
    private readonly SeededRandom _random;
    private readonly string _zone;
    private readonly double[] _own;
    private readonly double[] _wandered;
    private readonly PriorityQueue<Due, (DateTimeOffset At, int Order)> _agenda = new();
    private readonly HashSet<string> _open = [];
    private double _battery;
    private DateTimeOffset _batteryAt;
    private int _signals;
    private int _planned;

    public Device(DeviceIdentity identity, int seed, DateTimeOffset start)
    {
        Identity = identity;
        _profile = KindProfile.Of(identity.Kind);
        _random = SeededRandom.For(seed, identity.Id);
        _zone = Zones[_random.Below(Zones.Length)];
        _battery = _profile.OnBattery ? _random.Between(25, 100) : 100;
        _batteryAt = start;
        _own = [.. _profile.Curves.Select(curve => _random.NextBell() * curve.Spread)];
        _wandered = new double[_own.Length];
        // Phases of their own, or a thousand devices would speak in the same millisecond.
        Plan(start + (HeartbeatInterval * _random.NextUnit()), new Due(Doing.Heartbeat));
        Plan(start + TimeSpan.FromSeconds(_profile.SampleSeconds * _random.NextUnit()), new Due(Doing.Sample));
    }

    public DeviceIdentity Identity { get; }

    /// <summary>Whether this act can befall it at all.</summary>
    public bool Knows(Act act) => act switch
    {
        Act.Alarm => _profile.Alarm is not null,
        Act.BatteryEnds => _profile.OnBattery,
        _ => true,
    };

    public int BatteryPercent => (int)Math.Round(_battery);

    /// <summary>When <see cref="Step"/> has something to do next.</summary>
    public DateTimeOffset NextDue => _agenda.TryPeek(out _, out var due) ? due.At : DateTimeOffset.MaxValue;

    /// <summary>Does everything that is due by <paramref name="now"/>, in order.</summary>
    public void Step(DateTimeOffset now, List<DeviceEvent> events)
    {
        while (_agenda.TryPeek(out var due, out var when) && when.At <= now)
        {
            _agenda.Dequeue();
            Do(due, when.At, events);
        }
    }

    /// <summary>Something befalls it now.</summary>
    public void Befall(Act act, DateTimeOffset now, List<DeviceEvent> events)
    {
        switch (act)
        {
            case Act.Alarm when _profile.Alarm is { } alarm:
                RaiseAlarm(alarm, now, events);
                break;
            case Act.Tamper when _open.Add("tamper"):
                Raise("tamper", now, default, events);
                PlanTakingBack("restore", "tamper", now + _random.SecondsBetween(60, 600));
                break;
            case Act.Fault when _open.Add("fault"):
                Raise("fault", now, default, events);
                PlanTakingBack("restore", "fault", now + _random.SecondsBetween(60, 900));
                break;
            case Act.BatteryEnds when _profile.OnBattery && !_open.Contains("low_battery"):
                _battery = LowBatteryPercent - 1;
                NoticeLowBattery(now, events);
                break;
            case Act.LinkLost when _open.Add("link"):
                events.Add(new DeviceEvent.LinkLost(now));
                Plan(now + _random.SecondsBetween(15, 120), new Due(Doing.LinkBack));
                break;
        }
    }

    private void Do(Due due, DateTimeOffset now, List<DeviceEvent> events)
    {
        switch (due.Doing)
        {
            case Doing.Heartbeat:
                Drain(now, events);
                events.Add(new DeviceEvent.Heartbeat(now, BatteryPercent));
                Plan(now + HeartbeatInterval, due);
                break;
            case Doing.Sample:
                events.Add(new DeviceEvent.Sample(now, Measure(now)));
                Plan(now + TimeSpan.FromSeconds(_profile.SampleSeconds), due);
                break;
            case Doing.TakeBack:
                _open.Remove(due.Of!);
                Raise(due.Type!, now, new SignalDetails(_zone, Of: due.Of), events);
                break;
            case Doing.RaiseAgain:
                Raise(due.Type!, now, new SignalDetails(_zone), events);
                break;
            case Doing.ChangeBattery:
                _battery = 100;
                _open.Remove("low_battery");
                Raise("restore", now, new SignalDetails(Of: "low_battery", Value: _battery), events);
                break;
            case Doing.LinkBack:
                _open.Remove("link");
                events.Add(new DeviceEvent.LinkBack(now));
                break;
        }
    }

    private void RaiseAlarm(string alarm, DateTimeOffset now, List<DeviceEvent> events)
    {
        // One episode at a time; a button has none, it can always be pressed.
        if (_profile.TakenBackBy is not null && !_open.Add(alarm))
            return;

        var details = alarm switch
        {
            "fall" => new SignalDetails(_zone, Confidence: Math.Round(_random.Between(0.72, 0.99), 2)),
            "vital" => new SignalDetails(Value: _profile.Curves[0].At(now, _own[0], _wandered[0], inEpisode: true)),
            _ => new SignalDetails(_zone),
        };
        Raise(alarm, now, details, events);

        if (_profile.TakenBackBy is { } takenBackBy)
        {
            var end = now + _random.SecondsBetween(_profile.EpisodeSeconds.Min, _profile.EpisodeSeconds.Max);
            if (_random.Chance(_profile.TakenBackChance))
                PlanTakingBack(takenBackBy, alarm, end);
            else
                Plan(now + TimeSpan.FromMinutes(30), new Due(Doing.TakeBack, "restore", alarm));
        }
        else if (_random.Chance(0.3))
        {
            // Who is frightened presses again.
            Plan(now + _random.SecondsBetween(1, 6), new Due(Doing.RaiseAgain, alarm));
        }
    }

    private void Drain(DateTimeOffset now, List<DeviceEvent> events)
    {
        if (!_profile.OnBattery)
            return;
        _battery = Math.Max(1, _battery - ((now - _batteryAt).TotalDays * BatteryPercentPerDay));
        _batteryAt = now;
        NoticeLowBattery(now, events);
    }

    private void NoticeLowBattery(DateTimeOffset now, List<DeviceEvent> events)
    {
        if (_battery >= LowBatteryPercent || !_open.Add("low_battery"))
            return;
        Raise("low_battery", now, new SignalDetails(Value: BatteryPercent), events);
        Plan(now + _random.SecondsBetween(300, 1_800), new Due(Doing.ChangeBattery));
    }

    private List<Measurement> Measure(DateTimeOffset now)
    {
        var values = new List<Measurement>(_profile.Curves.Count + 1);
        var inEpisode = _profile.Alarm is { } alarm && _open.Contains(alarm);
        for (var i = 0; i < _profile.Curves.Count; i++)
        {
            var curve = _profile.Curves[i];
            // Pulled back a little each time: it wanders, but not away.
            _wandered[i] = (_wandered[i] * 0.9) + (_random.NextBell() * curve.Wander * 0.436);
            values.Add(new Measurement(curve.Name, curve.At(now, _own[i], _wandered[i], inEpisode)));
        }

        if (_profile.OnBattery)
            values.Add(new Measurement("battery", BatteryPercent));
        return values;
    }

    private void Raise(string type, DateTimeOffset now, SignalDetails details, List<DeviceEvent> events) =>
        events.Add(new DeviceEvent.Signal(now, ++_signals, type, details));

    private void PlanTakingBack(string type, string of, DateTimeOffset at) => Plan(at, new Due(Doing.TakeBack, type, of));

    private void Plan(DateTimeOffset at, Due due) => _agenda.Enqueue(due, (at, _planned++));

    private enum Doing
    {
        Heartbeat,
        Sample,
        TakeBack,
        RaiseAgain,
        ChangeBattery,
        LinkBack,
    }

    private readonly record struct Due(Doing Doing, string? Type = null, string? Of = null);
}
