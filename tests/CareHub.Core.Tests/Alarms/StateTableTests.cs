using System.Text;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Silences;
using CareHub.Core.Tests.Triage;

namespace CareHub.Core.Tests.Alarms;

/// <summary>
/// docs/alarm-states.md is what the engine does: the table there is made by driving the engine from each state with each
/// event, and this test fails when the two differ.
/// </summary>
public sealed class StateTableTests
{
    private const string Device = "d1";
    private const string Gateway = "gw";
    private const SignalKind Kind = SignalKind.Offline;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>An offline alarm of a safety device behind a gateway: medium, not latching, coverable by its gateway and by a shelf.</summary>
    private static readonly (string Name, Action<Site> Reach)[] States =
    [
        ("normal", _ => { }),
        ("unacknowledged", Raise),
        ("acknowledged", site => { Raise(site); Acknowledge(site); }),
        ("returned, unacknowledged", site => { Raise(site); Restore(site); }),
        ("returned, acknowledged", site => { Raise(site); Acknowledge(site); Restore(site); }),
        ("shelved", site => { Raise(site); Shelve(site); }),
        ("suppressed by design", site => { RaiseCause(site); Raise(site); }),
        ("out of service", site => { TakeOut(site); Raise(site); }),
    ];

    private static readonly (string Name, Action<Site> Happens)[] Events =
    [
        ("signal", Raise),
        ("restore", Restore),
        ("acknowledge", Acknowledge),
        ("resolve", Resolve),
        ("shelve", Shelve),
        ("gateway lost", RaiseCause),
        ("gateway back, 2 min", site => { site.Says(SignalKind.Online, Gateway, DeviceKinds.Gateway, resident: null); site.Lives(TimeSpan.FromMinutes(2)); }),
        ("shelf or maintenance over", EndSilences),
    ];

    [Fact]
    public void The_table_in_the_documentation_is_what_the_engine_does()
    {
        var document = File.ReadAllText(Path.Combine(Root(), "docs", "alarm-states.md"));
        var table = Table();
        Assert.True(document.Contains(table, StringComparison.Ordinal), $"docs/alarm-states.md should hold this table:\n{table}");
    }

    private static string Table()
    {
        var table = new StringBuilder();
        table.Append("| from \\ event | ").AppendJoin(" | ", Events.Select(each => each.Name)).Append(" |\n");
        table.Append("| --- |").Insert(table.Length, " --- |", Events.Length).Append('\n');
        foreach (var (from, reach) in States)
        {
            table.Append("| **").Append(from).Append("** |");
            foreach (var (_, happens) in Events)
            {
                var site = new Site();
                reach(site);
                var before = NameOf(site);
                site.Now += TimeSpan.FromSeconds(1);
                happens(site);
                table.Append(' ').Append(NameOf(site) == before ? "·" : NameOf(site)).Append(" |");
            }

            table.Append('\n');
        }

        return table.ToString();
    }

    private static string NameOf(Site site) => !site.State.Open.TryGetValue(new AlarmKey(Device, Kind), out var alarm) ? "normal" : alarm.State switch
    {
        AlarmState.Unacknowledged => "unacknowledged",
        AlarmState.Acknowledged => alarm.Active ? "acknowledged" : "returned, acknowledged",
        AlarmState.ReturnedUnacknowledged => "returned, unacknowledged",
        AlarmState.Shelved => "shelved",
        AlarmState.Suppressed => "suppressed by design",
        AlarmState.OutOfService => "out of service",
        _ => throw new InvalidOperationException($"{alarm.State} is no state of an open alarm."),
    };

    private static void Raise(Site site) => site.Says(Kind, Device, DeviceKinds.SmokeDetector, source: SignalSource.Supervision, gateway: Gateway, resident: null);

    private static void Restore(Site site) => site.Says(SignalKind.Online, Device, DeviceKinds.SmokeDetector, gateway: Gateway, resident: null);

    private static void RaiseCause(Site site) => site.Says(SignalKind.Offline, Gateway, DeviceKinds.Gateway, source: SignalSource.Supervision, resident: null);

    private static void Acknowledge(Site site) => OnAlarm(site, alarm => new AlarmCommand.Acknowledge(alarm.Id, alarm.Version, Site.LiQiang));

    private static void Resolve(Site site) => OnAlarm(site, alarm => new AlarmCommand.Resolve(alarm.Id, alarm.Version, Site.LiQiang, Disposition.Technical, null));

    private static void OnAlarm(Site site, Func<Alarm, AlarmCommand> command)
    {
        if (site.State.Open.TryGetValue(new AlarmKey(Device, Kind), out var alarm))
        {
            site.Does(command(alarm));
        }
    }

    private static void Shelve(Site site) => site.Does(new AlarmCommand.Shelve(Device, null, Site.LiQiang, "reason", site.Now + Hour));

    private static void TakeOut(Site site) => site.Does(new AlarmCommand.BeginMaintenance(MaintenanceMode.OutOfService, Device, Site.LiQiang, "reason", site.Now + Hour));

    private static void EndSilences(Site site)
    {
        foreach (var shelf in site.State.Memory.Shelves.Keys)
        {
            site.Does(new AlarmCommand.Unshelve(shelf, Site.LiQiang, "done"));
        }

        foreach (var maintenance in site.State.Memory.Maintenance.Keys)
        {
            site.Does(new AlarmCommand.EndMaintenance(maintenance, Site.LiQiang, "done"));
        }
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "CareHub.sln")))
        {
            directory = directory.Parent;
        }

        return directory.FullName;
    }
}
