using System.Collections.Immutable;
using System.Text.Json;
using CareHub.Core.Alarms;
using CareHub.Core.Triage;

namespace CareHub.Storage.Alarms.Journal;

/// <summary>A whole site as one JSON value: where the replay of a site begins that is older than the journal.</summary>
internal static class SiteStateJson
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static byte[] Write(SiteState site) => JsonSerializer.SerializeToUtf8Bytes(
        new Kept(
            site.SiteId,
            site.LastNumber,
            [.. site.Open.Values.OrderBy(alarm => alarm.Number)],
            [.. site.Pending.Values.OrderBy(pending => pending.Device.Id, StringComparer.Ordinal).ThenBy(pending => pending.Kind)],
            JsonSerializer.Deserialize<JsonElement>(SiteMemoryJson.Write(site.Memory))),
        Json);

    /// <exception cref="JsonException">It is not what <see cref="Write"/> wrote.</exception>
    public static SiteState Read(ReadOnlySpan<byte> json)
    {
        var kept = JsonSerializer.Deserialize<Kept>(json, Json) ?? throw new JsonException("A site is null.");
        return new SiteState
        {
            SiteId = kept.SiteId,
            LastNumber = kept.LastNumber,
            Open = kept.Open.ToImmutableDictionary(alarm => alarm.Key),
            Pending = kept.Pending.ToImmutableDictionary(pending => pending.Key),
            Memory = SiteMemoryJson.Read(JsonSerializer.SerializeToUtf8Bytes(kept.Memory)),
        };
    }

    private sealed record Kept(string SiteId, long LastNumber, Alarm[] Open, PendingAlarm[] Pending, JsonElement Memory);
}
