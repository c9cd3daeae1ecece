using System.Collections.Concurrent;
using System.Collections.Immutable;
using CareHub.Server.Security;
using CareHub.Storage.Registry;

namespace CareHub.Server.Push;

/// <summary>Consoles that are connected, who sits there, what they look at and whether they can be heard.</summary>
internal sealed class ConsoleBook
{
    private readonly ConcurrentDictionary<string, ConsoleState> _consoles = new(StringComparer.Ordinal);
    private readonly Lock _musters = new();
    private volatile DutyRoster _duty = new(0, []);

    public int Count => _consoles.Count;

    /// <summary>
    /// Whether a console covers the site, so that somebody can see what it raises. A carer's tablet is no such console: it goes along
    /// to wherever its owner was sent.
    /// </summary>
    public bool IsStaffed(string siteId, AlarmScope scope)
    {
        var path = scope.PathOf(siteId);
        foreach (var (_, console) in _consoles)
        {
            if (console.Caller.Role != Roles.CareStaff && scope.Covers(console.Caller, siteId, path))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Consoles whose sound runs and was confirmed by a person.</summary>
    public int AudibleCount => _consoles.Values.Count(console => console.IsAudible);

    /// <summary>Where a desk is on duty now. Another object whenever it is somewhere else.</summary>
    public DutyRoster Duty => _duty;

    public ConsoleState Add(string connectionId, Caller caller) => _consoles[connectionId] = new ConsoleState(caller, Muster);

    public ConsoleState? Find(string connectionId) => _consoles.GetValueOrDefault(connectionId);

    public ConsoleState? Remove(string connectionId)
    {
        if (!_consoles.TryRemove(connectionId, out var state))
        {
            return null;
        }

        Muster();
        return state;
    }

    /// <summary>Looks who is on duty. Consoles come and go seldom, and are asked for each second by each of them.</summary>
    public void Muster()
    {
        lock (_musters)
        {
            var regions = _consoles.Values.Where(console => console.IsOnDuty).Select(console => console.Caller.RegionId).ToImmutableHashSet(StringComparer.Ordinal);
            if (!regions.SetEquals(_duty.Regions))
            {
                _duty = new(_duty.Number + 1, regions);
            }
        }
    }

    /// <summary>Connections of the consoles that fulfil a condition.</summary>
    public IReadOnlyList<string> Where(Func<ConsoleState, bool> condition) =>
        [.. _consoles.Where(pair => condition(pair.Value)).Select(pair => pair.Key)];

    public IReadOnlyList<Viewer> ViewersOf(string alarmId) =>
        [.. _consoles.Values.Where(console => console.Viewing == alarmId).Select(console => new Viewer(console.Caller.User, console.Caller.Name)).Distinct()];
}

internal sealed record Viewer(string User, string Name);

/// <summary>Regions that have a desk on duty.</summary>
/// <param name="Number">Rises with every change: whoever is told twice knows which came later.</param>
internal sealed record DutyRoster(long Number, ImmutableHashSet<string> Regions);
