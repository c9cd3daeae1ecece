using System.Collections.Concurrent;
using CareHub.Core;
using CareHub.Mqtt.Packets;

namespace CareHub.Server.Ingest;

/// <summary>What came in, since the start.</summary>
internal sealed class IngestCounters
{
    private long _signals;
    private long _readings;
    private long _quarantined;
    private readonly ConcurrentDictionary<ReasonCode, long> _refusedConnectsBy = new();
    private long _refusedPublishes;
    private long _redelivered;
    private long _overBudget;
    private long _paced;

    public long Signals => Interlocked.Read(ref _signals);

    public long Readings => Interlocked.Read(ref _readings);

    public long Quarantined => Interlocked.Read(ref _quarantined);

    public long RefusedConnects => _refusedConnectsBy.Values.Sum();

    /// <summary>By the CONNACK's reason.</summary>
    public IEnumerable<KeyValuePair<string, long>> RefusedConnectsByReason => _refusedConnectsBy.Select(pair => KeyValuePair.Create(Words<ReasonCode>.Of(pair.Key), pair.Value));

    public long RefusedPublishes => Interlocked.Read(ref _refusedPublishes);

    public long Redelivered => Interlocked.Read(ref _redelivered);

    /// <summary>QoS 0 readings shed because their device had used up its budget.</summary>
    public long OverBudget => Interlocked.Read(ref _overBudget);

    /// <summary>Messages that waited because their device had used up its budget.</summary>
    public long Paced => Interlocked.Read(ref _paced);

    public void CountOverBudget() => Interlocked.Increment(ref _overBudget);

    public void CountPaced() => Interlocked.Increment(ref _paced);

    public void CountSignal() => Interlocked.Increment(ref _signals);

    public void CountReadings(int count) => Interlocked.Add(ref _readings, count);

    public void CountQuarantined() => Interlocked.Increment(ref _quarantined);

    public void CountRefusedConnect(ReasonCode reason) => _refusedConnectsBy.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    public void CountRefusedPublish() => Interlocked.Increment(ref _refusedPublishes);

    public void CountRedelivered() => Interlocked.Increment(ref _redelivered);
}
