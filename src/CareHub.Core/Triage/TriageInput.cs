using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;

namespace CareHub.Core.Triage;

/// <summary>Everything that can move a site: what a device said, what a person did, and time.</summary>
internal abstract record TriageInput
{
    /// <param name="IsStaffed">Whether a console that covers the site is there to see what is raised.</param>
    internal sealed record FromDevice(Signal Signal, DeviceFacts Device, bool IsStaffed = true) : TriageInput;

    internal sealed record FromPerson(AlarmCommand Command) : TriageInput;

    internal sealed record Time : TriageInput
    {
        public static readonly Time Passes = new();
    }
}

/// <summary>What triage did with a signal.</summary>
internal enum SignalOutcome : byte
{
    Raised = 1,
    Repeated = 2,
    Reactivated = 3,
    Returned = 4,
    Cancelled = 5,
    CancelledLate = 6,

    /// <summary>Waits for its raise delay.</summary>
    Pending = 7,

    /// <summary>Was over before its raise delay was.</summary>
    Blip = 8,

    /// <summary>Kept, and nothing to do.</summary>
    Recorded = 9,

    /// <summary>Set off on purpose, in a walk test.</summary>
    Tested = 10,
}

/// <summary>Why a signal became what it became.</summary>
internal sealed record SignalDecision(SignalOutcome Outcome, string? AlarmId, string Reason);

/// <summary>What a step produced. Effects are values; carrying them out is the pipeline's work.</summary>
internal sealed record StepResult(SiteState State)
{
    public ImmutableArray<AlarmChange> Changes { get; init; } = [];

    /// <summary>What happened to the site and not to one of its alarms.</summary>
    public ImmutableArray<TimelineEntry> Notes { get; init; } = [];

    /// <summary>Set for <see cref="TriageInput.FromDevice"/>.</summary>
    public SignalDecision? Decision { get; init; }

    /// <summary>Set for <see cref="TriageInput.FromPerson"/>.</summary>
    public CommandResult Command { get; init; }
}
