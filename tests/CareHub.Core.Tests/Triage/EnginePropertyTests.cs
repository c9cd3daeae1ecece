using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using FsCheck;
using FsCheck.Fluent;

namespace CareHub.Core.Tests.Triage;

/// <summary>What must hold after any sequence of signals, acts and time.</summary>
public sealed class EnginePropertyTests
{
    private static readonly SignalKind[] Kinds = Enum.GetValues<SignalKind>();

    [Fact]
    public void Any_history_keeps_the_promises() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), Holds));

    [Fact]
    public void The_same_history_gives_the_same_effects() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(
            Gen.Choose(0, int.MaxValue - 1).ToArbitrary(),
            seed => Run(seed).Changes.Select(change => change.Entry).SequenceEqual(Run(seed).Changes.Select(change => change.Entry))));

    private static bool Holds(int seed)
    {
        var site = Run(seed);
        var byAlarm = site.Changes.GroupBy(change => change.Alarm.Id).ToList();
        foreach (var history in byAlarm)
        {
            // Every change is one entry, numbered without a gap.
            Assert.Equal(Enumerable.Range(1, history.Count()), history.Select(change => change.Entry.Seq));
            Assert.All(history, change => Assert.Equal(change.Alarm.Version, change.Entry.Seq));

            // Nothing happens to a closed alarm, and nothing of consequence closes by itself.
            Assert.DoesNotContain(history.SkipLast(1), change => !change.Alarm.IsOpen);
            var last = history.Last();
            if (!last.Alarm.IsOpen && last.Entry.Author.Kind != AuthorKind.User)
            {
                Assert.True(
                    (last.Entry.Event == AlarmEvent.AutoClosed && last.Alarm.Priority == Priority.Low)
                    || (last.Entry.Event == AlarmEvent.Cancelled && last.Alarm.Kind == SignalKind.Fall),
                    $"seed {seed}: {last.Entry}");
            }
        }

        // What is open is exactly what was raised and not closed.
        Assert.Equal(
            byAlarm.Where(history => history.Last().Alarm.IsOpen).Select(history => history.Last().Alarm).OrderBy(alarm => alarm.Number),
            site.State.Open.Values.OrderBy(alarm => alarm.Number));
        Assert.DoesNotContain(site.State.Pending.Keys, site.State.Open.ContainsKey);
        return true;
    }

    private static Site Run(int seed)
    {
        var random = new System.Random(seed);
        var site = new Site();
        for (var step = 0; step < 120; step++)
        {
            var open = site.State.Open.Values.OrderBy(alarm => alarm.Number).ToList();
            var act = random.Next(10);
            if (act < 6)
            {
                var source = random.Next(4) == 0 ? SignalSource.Supervision : SignalSource.Device;
                site.Says(Kinds[random.Next(Kinds.Length)], $"d{random.Next(3)}", source: source);
            }
            else if (act < 9 && open.Count > 0)
            {
                var alarm = open[random.Next(open.Count)];
                site.Does(SomeCommand(random, alarm));
            }
            else
            {
                site.Passes(TimeSpan.FromSeconds(random.Next(40)));
            }
        }

        return site;
    }

    private static AlarmCommand SomeCommand(System.Random random, Alarm alarm)
    {
        var author = random.Next(2) == 0 ? Site.LiQiang : Site.WangMin;
        var version = Math.Max(1, alarm.Version - random.Next(3));
        return random.Next(8) switch
        {
            0 => new AlarmCommand.Acknowledge(alarm.Id, version, author),
            1 => new AlarmCommand.Claim(alarm.Id, version, author),
            2 => new AlarmCommand.TakeOver(alarm.Id, version, author, "because"),
            3 => new AlarmCommand.Release(alarm.Id, version, author, null, random.Next(2) == 0),
            4 => new AlarmCommand.Resolve(alarm.Id, version, author, Disposition.Real, null),
            5 => new AlarmCommand.AddNote(alarm.Id, version, author, "note"),
            6 => new AlarmCommand.Silence(alarm.Id, version, author, 60),
            _ => new AlarmCommand.Seen(alarm.Id, version, author),
        };
    }
}
