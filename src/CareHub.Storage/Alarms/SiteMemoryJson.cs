using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Silences;
using CareHub.Core.Triage;

namespace CareHub.Storage.Alarms;

/// <summary>A site's memory as it is kept: one JSON value, since it is only ever read and written whole.</summary>
internal static class SiteMemoryJson
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static byte[] Write(SiteMemory memory) => JsonSerializer.SerializeToUtf8Bytes(
        new Kept(
            memory.LastSilence,
            [.. memory.Shelves.Values.OrderBy(shelf => shelf.Id, StringComparer.Ordinal)],
            [.. memory.Maintenance.Values.OrderBy(each => each.Id, StringComparer.Ordinal)],
            [.. memory.Activations.Select(pair => new Activation(pair.Key.DeviceId, pair.Key.Kind, pair.Value.From, pair.Value.Count)).OrderBy(each => each.DeviceId, StringComparer.Ordinal).ThenBy(each => each.Kind)],
            memory.Raised.From,
            memory.Raised.Count,
            memory.StormIncident,
            memory.Outage,
            memory.RulesInForce,
            memory.RuleChanges),
        Json);

    public static SiteMemory Read(ReadOnlySpan<byte> json)
    {
        var kept = JsonSerializer.Deserialize<Kept>(json, Json) ?? throw new InvalidDataException("A site's memory is null.");
        return new SiteMemory
        {
            LastSilence = kept.LastSilence,
            Shelves = kept.Shelves.ToImmutableDictionary(shelf => shelf.Id),
            Maintenance = kept.Maintenance.ToImmutableDictionary(each => each.Id),
            Activations = kept.Activations.ToImmutableDictionary(each => new AlarmKey(each.DeviceId, each.Kind), each => new ActivationWindow(each.From, each.Count)),
            Raised = new ActivationWindow(kept.RaisedFrom, kept.Raised),
            StormIncident = kept.StormIncident,
            Outage = kept.Outage,
            RulesInForce = kept.RulesInForce,
            RuleChanges = kept.RuleChanges,
        };
    }

    private sealed record Kept(int LastSilence, Shelf[] Shelves, Maintenance[] Maintenance, Activation[] Activations, DateTimeOffset RaisedFrom, int Raised, string? StormIncident, string? Outage = null, string? RulesInForce = null, int RuleChanges = 0);

    private sealed record Activation(string DeviceId, SignalKind Kind, DateTimeOffset From, int Count);
}
