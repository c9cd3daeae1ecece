using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Silences;

namespace CareHub.Core.Triage;

/// <summary>Activations of one condition, counted from the first of a window.</summary>
internal readonly record struct ActivationWindow(DateTimeOffset From, int Count)
{
    public ActivationWindow Next(DateTimeOffset now, TimeSpan window) =>
        Count == 0 || now - From > window ? new(now, 1) : this with { Count = Count + 1 };
}

/// <summary>What a site remembers besides its alarms. Kept whole, as one value, whenever it has changed.</summary>
internal sealed record SiteMemory
{
    public static readonly SiteMemory Empty = new();

    /// <summary>Number of the last silence; shelves and maintenance share it.</summary>
    public int LastSilence { get; init; }

    public ImmutableDictionary<string, Shelf> Shelves { get; init; } = ImmutableDictionary<string, Shelf>.Empty;

    public ImmutableDictionary<string, Maintenance> Maintenance { get; init; } = ImmutableDictionary<string, Maintenance>.Empty;

    /// <summary>How often each condition has come lately.</summary>
    public ImmutableDictionary<AlarmKey, ActivationWindow> Activations { get; init; } = ImmutableDictionary<AlarmKey, ActivationWindow>.Empty;

    /// <summary>How many alarms the site has raised lately.</summary>
    public ActivationWindow Raised { get; init; }

    /// <summary>Alarm of the outage that explains why devices of the site are silent; null when there is none.</summary>
    public string? Outage { get; init; }

    /// <summary>Version of the rules in force; the hub's own site alone remembers it.</summary>
    public string? RulesInForce { get; init; }

    public int RuleChanges { get; init; }

    /// <summary>First alarm of the storm that is under way; null in calm weather.</summary>
    public string? StormIncident { get; init; }
}
