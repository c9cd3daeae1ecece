using CareHub.Server.Push;
using CareHub.Server.Security;
using CareHub.Simulation.Tests.Hub;
using CareHub.Simulation.Tests.World;

namespace CareHub.Simulation.Tests.Actors;

/// <summary>
/// A console as the duty console's code is one: a snapshot, then numbered deltas; a gap, a lost connection or another epoch
/// asks for what is missing from where it stands. Deltas are lost on the way.
/// </summary>
internal sealed class SimConsole(Simulation world, Person person)
{
    private readonly Dictionary<string, AlarmView> _open = new(StringComparer.Ordinal);
    private HubLife? _hub;
    private FeedCursor? _cursor;
    private bool _pulls;

    public Person Person => person;

    public Caller Caller { get; } = new(person.User, person.Name, person.IsSupervisor ? "supervisor" : "operator", person.RegionId);

    public IReadOnlyList<AlarmView> Open => [.. _open.Values.OrderBy(alarm => alarm.Id, StringComparer.Ordinal)];

    public bool IsConnected => _hub is { IsAlive: true };

    public void Live()
    {
        Connect();
        Beat();
    }

    /// <summary>There may be news: it comes when it comes.</summary>
    public void Ring()
    {
        if (!_pulls && IsConnected)
        {
            _pulls = true;
            world.Clock.After(world.Dice.Ms(5, 300), () =>
            {
                _pulls = false;
                Pull();
            });
        }
    }

    public void Disconnect()
    {
        if (_hub is { IsAlive: true } hub)
        {
            hub.Consoles.Remove(person.User);
            world.Auditor.DeskLeft(person.User);
        }

        _hub = null;
    }

    /// <summary>The heartbeat's number shows a gap that no later delta would.</summary>
    private void Beat()
    {
        if (!IsConnected)
        {
            _hub = null;
            Connect();
        }
        else if (!world.IsQuiet && world.Dice.Chance(0.02))
        {
            Disconnect();
        }
        else
        {
            Pull();
        }

        world.Clock.After(world.Dice.Seconds(2, 6), Beat);
    }

    private void Connect()
    {
        if (world.Hub is not { } hub)
        {
            return;
        }

        _hub = hub;
        hub.Consoles.Add(person.User, Caller);
        world.Auditor.DeskTaken(person.User, person.RegionId);
        Subscribe(hub);
    }

    private void Subscribe(HubLife hub)
    {
        var snapshot = hub.Subscribe(person.RegionId, _cursor);
        if (snapshot.Full)
        {
            _open.Clear();
        }

        foreach (var view in snapshot.Alarms)
        {
            Apply(view);
        }

        _cursor = new(snapshot.Epoch, snapshot.Seq);
    }

    private void Pull()
    {
        if (!IsConnected || _cursor is null)
        {
            return;
        }

        var news = _hub!.ReadAfter(person.RegionId, _cursor.Seq);
        world.Auditor.Read(news.Deltas.Count);
        foreach (var delta in news.Deltas)
        {
            if (world.Loses())
            {
                continue;
            }

            if (delta.Seq != _cursor.Seq + 1)
            {
                break;
            }

            Apply(delta.Alarm);
            _cursor = _cursor with { Seq = delta.Seq };
        }

        if (_cursor.Seq != news.Seq)
        {
            Subscribe(_hub);
        }

        if (news.Deltas.Count > 0)
        {
            world.Desk(this)?.Notice();
        }
    }

    private void Apply(AlarmView view)
    {
        world.Auditor.Shown(person.User, person.RegionId, view.Site.Id);
        if (view.State == Core.Alarms.AlarmState.Closed)
        {
            _open.Remove(view.Id);
        }
        else
        {
            _open[view.Id] = view;
        }
    }
}
