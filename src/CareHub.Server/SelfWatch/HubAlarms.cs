using System.Collections.Concurrent;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Server.Pipeline;
using CareHub.Storage.Registry;

namespace CareHub.Server.SelfWatch;

/// <summary>
/// Alarms about the hub itself, through the same triage as any device's. A watcher says what it sees as often as it likes:
/// only a change reaches the queue, also across a restart.
/// </summary>
/// <remarks>
/// A part is an id of <see cref="HubSite"/>; a reason is a code word (<c>expires_soon</c>) that the console translates.
/// A person who closes such an alarm while its cause stands has taken note: it is raised again when the reason changes or
/// the hub restarts.
/// </remarks>
internal sealed class HubAlarms(StartUp start, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Part> _parts = new(StringComparer.Ordinal);

    /// <summary>The part has a fault. Completes when the alarm is on disk; throws when it could not be kept: say it again.</summary>
    public Task RaiseAsync(string part, string reason) => ChangeAsync(part, reason);

    /// <summary>The part is well.</summary>
    public Task ClearAsync(string part) => ChangeAsync(part, null);

    private async Task ChangeAsync(string id, string? reason)
    {
        if (!HubSite.IsPart(id))
        {
            throw new ArgumentException($"'{id}' is not a part of the hub", nameof(id));
        }

        var part = _parts.GetOrAdd(id, static (part, start) => new Part(Restored(start, part)), start);
        await part.Turn.WaitAsync();
        try
        {
            if (part.Reason == reason)
            {
                return;
            }

            await start.Pipeline.SignalAsync(SignalOf(id, reason, time.HubNow()), new DeviceFacts(id, HubSite.PartKind, HubSite.Id, null) { RegionPath = [RegistryStore.RootRegionId] });
            part.Reason = reason;
        }
        finally
        {
            part.Turn.Release();
        }
    }

    private static Signal SignalOf(string part, string? reason, DateTimeOffset now) => new()
    {
        DeviceId = part,
        Id = $"~{reason ?? "well"}-{now.ToUnixTimeMilliseconds()}",
        Kind = reason is null ? SignalKind.Restore : SignalKind.Fault,
        Of = reason is null ? SignalKind.Fault : null,
        Zone = reason,
        ReceivedAt = now,
        Source = SignalSource.Supervision,
    };

    private static string? Restored(StartUp start, string part) =>
        start.Sites.TryGetValue(HubSite.Id, out var site) && site.Open.TryGetValue(new(part, SignalKind.Fault), out var alarm) && alarm.Active ? alarm.Zone : null;

    private sealed class Part(string? reason)
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public string? Reason { get; set; } = reason;
    }
}
