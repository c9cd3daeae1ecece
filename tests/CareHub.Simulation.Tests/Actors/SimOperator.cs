using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Silences;
using CareHub.Server.Pipeline;
using CareHub.Server.Push;
using CareHub.Simulation.Tests.World;

namespace CareHub.Simulation.Tests.Actors;

/// <summary>Whoever sits at a console: sees, acts on what may be stale, races others, sends somebody, walks off.</summary>
internal sealed class SimOperator(Simulation world, SimConsole console)
{
    private readonly List<(string SiteId, string Id, bool IsShelf)> _silences = [];
    private readonly HashSet<(string Id, DateTimeOffset At)> _seen = [];
    private bool _isAway;
    private bool _looks;

    private Author Author => console.Caller.Author;

    public void Live()
    {
        world.Clock.After(world.Dice.Exponential(TimeSpan.FromSeconds(40)), Wander);
    }

    /// <summary>Something changed on the screen.</summary>
    public void Notice()
    {
        if (_isAway || _looks || world.IsQuiet)
        {
            return;
        }

        _looks = true;
        world.Clock.After(world.Dice.Ms(200, 9_000), () =>
        {
            _looks = false;
            if (!_isAway && console.IsConnected && !world.IsQuiet)
            {
                Look();
            }
        });
    }

    private void Look()
    {
        // The console itself reports what it has painted.
        foreach (var alarm in console.Open.Where(alarm => alarm.State is AlarmState.Unacknowledged or AlarmState.ReturnedUnacknowledged).Take(20))
        {
            if (world.Dice.Chance(0.7) && _seen.Add((alarm.Id, alarm.AnnunciatedAt)))
            {
                Do(alarm, new AlarmCommand.Seen(alarm.Id, 0, Author));
            }
        }

        if (console.Open.Count > 0 && world.Dice.Chance(world.Profile.Diligence))
        {
            var alarm = world.Dice.Of(console.Open);
            world.Clock.After(world.Dice.Seconds(1, 20), () => Act(alarm));
        }
    }

    private void Wander()
    {
        if (world.IsQuiet)
        {
            return;
        }

        switch (world.Dice.Between(0, 9))
        {
            case 0:
                _isAway = true;
                world.Clock.After(world.Dice.Seconds(30, 400), () => _isAway = false);
                break;
            case 1 or 2:
                Silence();
                break;
            case 3:
                EndSilence();
                break;
            case 4:
                Trespass();
                break;
            default:
                if (!_isAway && console.IsConnected)
                {
                    Look();
                }

                break;
        }

        world.Clock.After(world.Dice.Exponential(TimeSpan.FromSeconds(40)), Wander);
    }

    private void Act(AlarmView alarm)
    {
        if (world.IsQuiet)
        {
            return;
        }

        // Sometimes of what was on the screen a while ago.
        var version = Math.Max(1, alarm.Version - (world.Dice.Chance(0.2) ? world.Dice.Between(1, 3) : 0));
        var colleague = world.Dice.Of(Town.People);
        AlarmCommand command = world.Dice.Between(0, 13) switch
        {
            0 or 1 or 2 => new AlarmCommand.Acknowledge(alarm.Id, version, Author),
            3 or 4 => new AlarmCommand.Claim(alarm.Id, version, Author),
            5 => new AlarmCommand.Dispatch(alarm.Id, version, Author, colleague.User, colleague.Name),
            6 or 7 => new AlarmCommand.Progress(alarm.Id, version, Author, world.Dice.Of([ResponseStage.Accepted, ResponseStage.EnRoute, ResponseStage.OnScene])),
            8 => new AlarmCommand.HandOver(alarm.Id, version, Author, colleague.User, colleague.Name, "shift"),
            9 => new AlarmCommand.TakeOver(alarm.Id, version, Author, "away"),
            10 => new AlarmCommand.Release(alarm.Id, version, Author, null, console.Person.IsSupervisor),
            11 => new AlarmCommand.AddNote(alarm.Id, 0, Author, "called back"),
            12 => new AlarmCommand.Silence(alarm.Id, 0, Author, 30),
            _ => new AlarmCommand.Resolve(alarm.Id, version, Author, world.Dice.Of([Disposition.Real, Disposition.False, Disposition.Technical]), null),
        };
        Do(alarm, command);
    }

    private void Do(AlarmView alarm, AlarmCommand command) => Send(alarm.Site.Id, alarm.Id, command);

    /// <summary>An id that somebody has guessed or kept from another post.</summary>
    private void Trespass()
    {
        var siteId = world.Dice.Of(world.Profile.Sites);
        var alarmId = $"{siteId}.{world.Dice.Between(1, 30)}";
        Send(siteId, alarmId, new AlarmCommand.Acknowledge(alarmId, world.Dice.Between(1, 4), Author));
    }

    private void Silence()
    {
        var thing = world.Dice.Of(world.Things);
        var minutes = world.Dice.Chance(0.1) ? 600 : world.Dice.Between(1, 12);
        var until = world.Clock.Now + TimeSpan.FromMinutes(minutes);
        SignalKind? kind = world.Dice.Chance(0.4) ? world.Dice.Of(Enum.GetValues<SignalKind>()) : null;
        AlarmCommand.OfSite command = world.Dice.Between(0, 3) switch
        {
            0 => new AlarmCommand.BeginMaintenance(MaintenanceMode.OutOfService, world.Dice.Chance(0.9) ? thing.Id : null, Author, "repair", until),
            1 => new AlarmCommand.BeginMaintenance(MaintenanceMode.WalkTest, world.Dice.Chance(0.7) ? thing.Id : null, Author, "check", until),
            _ => new AlarmCommand.Shelve(world.Dice.Chance(0.8) ? thing.Id : null, kind, Author, "known", until),
        };
        Send(thing.SiteId, null, command, id => _silences.Add((thing.SiteId, id, command is AlarmCommand.Shelve)));
    }

    private void EndSilence()
    {
        if (_silences.Count == 0)
        {
            return;
        }

        var (siteId, id, isShelf) = world.Dice.Of(_silences);
        _silences.Remove((siteId, id, isShelf));
        Send(siteId, null, isShelf ? new AlarmCommand.Unshelve(id, Author, "done") : new AlarmCommand.EndMaintenance(id, Author, "done"));
    }

    private void Send(string siteId, string? alarmId, AlarmCommand command, Action<string>? begun = null)
    {
        world.Clock.After(world.Dice.Ms(5, 200), () =>
        {
            if (world.Hub is not { } hub)
            {
                return;
            }

            world.Auditor.Asked(console.Person.User, command.GetType().Name, alarmId ?? siteId, command.Version);
            if (hub.Touches(console.Caller, siteId, alarmId) is not { } allowed)
            {
                return;
            }

            hub.Post(new CommandWork(allowed, command), work => Answered((CommandWork)work, begun), () => { });
        });
    }

    private void Answered(CommandWork work, Action<string>? begun)
    {
        var result = work.Result;
        world.Trace.Add($"hub: answers {console.Person.User} {work.Command.GetType().Name} {work.Command.AlarmId} v{work.Command.Version}: {result.Outcome}");
        if (result is { Outcome: CommandOutcome.Done, Alarm: { } alarm })
        {
            world.Auditor.Answered(console.Person.User, alarm.Id, alarm.Version);
        }

        if (result is { Outcome: CommandOutcome.Done, SilenceId: { } id })
        {
            begun?.Invoke(id);
        }
    }
}
