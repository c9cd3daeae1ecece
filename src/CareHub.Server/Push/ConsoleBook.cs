using System.Collections.Concurrent;
using CareHub.Core.Devices;
using CareHub.Server.Security;

namespace CareHub.Server.Push;

/// <summary>Consoles that are connected, who sits there, what they look at and whether they can be heard.</summary>
internal sealed class ConsoleBook
{
    private readonly ConcurrentDictionary<string, ConsoleState> _consoles = new(StringComparer.Ordinal);

    public int Count => _consoles.Count;

    /// <summary>Whether a console covers the device's site, so that somebody can see what it raises.</summary>
    public bool IsStaffed(DeviceFacts device)
    {
        foreach (var console in _consoles.Values)
        {
            if (device.RegionPath.Contains(console.Caller.RegionId))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Consoles whose sound runs and was confirmed by a person.</summary>
    public int AudibleCount => _consoles.Values.Count(console => console is { AudioOk: true, AudioConfirmed: true });

    public ConsoleState Add(string connectionId, Caller caller) => _consoles[connectionId] = new ConsoleState(caller);

    public ConsoleState? Find(string connectionId) => _consoles.GetValueOrDefault(connectionId);

    public ConsoleState? Remove(string connectionId) => _consoles.TryRemove(connectionId, out var state) ? state : null;

    /// <summary>Connections of the consoles that fulfil a condition.</summary>
    public IReadOnlyList<string> Where(Func<ConsoleState, bool> condition) =>
        [.. _consoles.Where(pair => condition(pair.Value)).Select(pair => pair.Key)];

    public IReadOnlyList<Viewer> ViewersOf(string alarmId) =>
        [.. _consoles.Values.Where(console => console.Viewing == alarmId).Select(console => new Viewer(console.Caller.User, console.Caller.Name)).Distinct()];
}

internal sealed record Viewer(string User, string Name);

internal sealed class ConsoleState(Caller caller)
{
    public Caller Caller { get; } = caller;

    public string? Viewing { get; set; }

    public bool AudioOk { get; set; }

    public bool AudioConfirmed { get; set; }

    /// <summary>Ends the feed of an earlier subscription on the same connection.</summary>
    public CancellationTokenSource? Feed { get; set; }
}
