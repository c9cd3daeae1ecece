namespace CareHub.Server.Ingest;

internal enum RefusedAct
{
    Connect,
    Publish,
    Subscribe,
}

/// <param name="Who">Device id, service name, or what a stranger called itself.</param>
/// <param name="From">Address without the port.</param>
internal sealed record Refusal(long Id, DateTimeOffset At, RefusedAct What, string Who, string From, string? Topic, string Reason);

/// <summary>The latest refusals, for a person who wonders why a device stays silent. The oldest makes room for the newest; never a secret.</summary>
internal sealed class RefusalBook(TimeProvider time)
{
    private const int TextCharsMax = 200;

    private readonly Lock _lock = new();
    private readonly Refusal?[] _ring = new Refusal?[Limits.RefusalsMax];
    private long _count;

    public void Add(RefusedAct what, string? who, string from, string? topic, string reason)
    {
        lock (_lock)
        {
            _ring[_count % _ring.Length] = new Refusal(_count, time.HubNow(), what, Bounded(who) ?? "", from, Bounded(topic), reason);
            _count++;
        }
    }

    public IReadOnlyList<Refusal> Newest()
    {
        lock (_lock)
        {
            return [.. _ring.OfType<Refusal>().OrderByDescending(refusal => refusal.Id)];
        }
    }

    private static string? Bounded(string? text) => text is { Length: > TextCharsMax } ? text[..TextCharsMax] : text;
}
