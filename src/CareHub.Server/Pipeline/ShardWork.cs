using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Notifications;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Server.Pipeline;

/// <summary>Something for a triage shard to do, and somebody who waits for it to be on disk.</summary>
internal abstract class ShardWork(string siteId)
{
    public string SiteId { get; } = siteId;

    /// <summary>The work's effect is on disk.</summary>
    public abstract void Complete();

    /// <summary>Nothing of it is on disk, and nobody has been told otherwise.</summary>
    public abstract void Fail(Exception cause);
}

/// <summary>What became of a signal.</summary>
/// <param name="Redelivered">It was kept before; nothing changed but a count.</param>
/// <param name="AlarmId">The alarm that it raised or concerned, if any.</param>
internal readonly record struct SignalReceipt(bool Redelivered, string? AlarmId = null);

/// <param name="isBrief">Who awaits it only notes the receipt: that may be done on the shard's own loop, and costs no hop to another thread.</param>
internal sealed class SignalWork(Signal signal, DeviceFacts device, bool isBrief = false) : ShardWork(device.SiteId)
{
    private readonly TaskCompletionSource<SignalReceipt> _done = new(isBrief ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    public Signal Signal { get; } = signal;

    public DeviceFacts Device { get; } = device;

    public bool Redelivered { get; set; }

    public string? AlarmId { get; set; }

    public Task<SignalReceipt> Done => _done.Task;

    public override void Complete() => _done.TrySetResult(new SignalReceipt(Redelivered, AlarmId));

    public override void Fail(Exception cause) => _done.TrySetException(cause);
}

internal sealed class CommandWork(string siteId, AlarmCommand command) : ShardWork(siteId)
{
    private readonly TaskCompletionSource<CommandResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AlarmCommand Command { get; } = command;

    public CommandResult Result { get; set; }

    public Task<CommandResult> Done => _done.Task;

    public override void Complete() => _done.TrySetResult(Result);

    public override void Fail(Exception cause) => _done.TrySetException(cause);
}

internal sealed class QuarantineWork(Quarantined quarantined) : ShardWork(quarantined.SiteId)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Quarantined Quarantined { get; } = quarantined;

    public Task Done => _done.Task;

    public override void Complete() => _done.TrySetResult();

    public override void Fail(Exception cause) => _done.TrySetException(cause);
}

/// <summary>What became of a notification.</summary>
internal sealed class ReceiptWork(Receipt receipt) : ShardWork(SiteState.SiteOf(receipt.AlarmId))
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Receipt Receipt { get; } = receipt;

    public Task Done => _done.Task;

    public override void Complete() => _done.TrySetResult();

    public override void Fail(Exception cause) => _done.TrySetException(cause);
}

/// <summary>A deadline has come; or deadlines have moved, because the rules have changed.</summary>
internal sealed class TimeWork(bool rulesHaveChanged) : ShardWork("")
{
    public static readonly TimeWork Passes = new(rulesHaveChanged: false);

    public static readonly TimeWork RulesHaveChanged = new(rulesHaveChanged: true);

    public bool MovesDeadlines { get; } = rulesHaveChanged;

    public override void Complete()
    {
    }

    public override void Fail(Exception cause)
    {
    }
}
