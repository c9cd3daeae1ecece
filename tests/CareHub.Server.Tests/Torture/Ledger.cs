using System.Collections.Concurrent;

namespace CareHub.Server.Tests.Torture;

/// <summary>What devices know: which signals they sent, and which of them the hub has acknowledged. Kept outside the hub, and never killed.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<(string DeviceId, string SignalId), bool> _acknowledged = new();
    private Action? _next;

    public int Sent => _acknowledged.Count;

    public int Acknowledged => _acknowledged.Values.Count(acknowledged => acknowledged);

    public IEnumerable<(string DeviceId, string SignalId)> AllAcknowledged => _acknowledged.Where(pair => pair.Value).Select(pair => pair.Key);

    public void NoteSent(string deviceId, string signalId) => _acknowledged.TryAdd((deviceId, signalId), false);

    public void NoteAcknowledged(string deviceId, string signalId)
    {
        _acknowledged[(deviceId, signalId)] = true;
        Interlocked.Exchange(ref _next, null)?.Invoke();
    }

    /// <summary>Does it in the very moment in which the next acknowledgement arrives: what was promised too early is then not yet kept.</summary>
    public void AtNextAcknowledgement(Action act) => Volatile.Write(ref _next, act);

    public bool Knows(string deviceId, string signalId) => _acknowledged.ContainsKey((deviceId, signalId));
}
