using System.Collections.Frozen;
using System.Threading.Channels;
using CareHub.Core.Notifications;

namespace CareHub.Server.Notifications;

/// <summary>Wakes the lanes. A ring while a lane is at work is heard when it is done; several are one.</summary>
internal sealed class OutboxBell
{
    private readonly FrozenDictionary<NotifyChannel, Channel<bool>> _rings = Enum.GetValues<NotifyChannel>().ToFrozenDictionary(
        kind => kind, _ => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }));

    /// <summary>Notifications are in the outbox.</summary>
    public void Ring()
    {
        foreach (var kind in _rings.Keys)
        {
            Ring(kind);
        }
    }

    public void Ring(NotifyChannel kind) => _rings[kind].Writer.TryWrite(true);

    public ValueTask<bool> WaitAsync(NotifyChannel kind, CancellationToken cancellationToken) => _rings[kind].Reader.ReadAsync(cancellationToken);
}
