using System.Runtime.CompilerServices;
using CareHub.Mqtt.Sessions;

namespace CareHub.Server.BrokerStore;

/// <summary>
/// Row of each message that the broker still holds. The broker hands the same instance to every session that gets a
/// message, so the instance is the identity; an instance that the broker has let go of needs no row number any more.
/// </summary>
internal sealed class MessageIds
{
    private readonly ConditionalWeakTable<DurableMessage, object> _ids = [];
    private long _last;

    /// <summary>A message that was loaded.</summary>
    public void Add(DurableMessage message, long id)
    {
        _ids.Add(message, id);
        _last = Math.Max(_last, id);
    }

    public long Of(DurableMessage message)
    {
        if (!_ids.TryGetValue(message, out var id))
        {
            _ids.Add(message, id = ++_last);
        }

        return (long)id;
    }
}
