using System.Diagnostics;
using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Server.Metrics;

/// <summary>
/// A trace for a signal: <c>signal</c> with <c>receive</c> (decoded, and waiting for its shard), <c>triage</c> and <c>commit</c> below it,
/// and a <c>push</c> for each console that is sent the alarm it raised. Written when the commit is done, from the times that are on record
/// (to the millisecond) and the commit's own; so nothing of it travels with the signal.
/// </summary>
internal static class SignalTrace
{
    public const string Name = "CareHub";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Whether anybody would take a trace.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>Returns the trace that a push belongs to; default when this signal is not among those that are traced.</summary>
    public static ActivityContext Committed(in SignalRecord record, DateTimeOffset commitFrom, DateTimeOffset commitTo)
    {
        var signal = record.Signal;
        using var root = Source.StartActivity("signal", ActivityKind.Consumer, default(ActivityContext), startTime: signal.ReceivedAt);
        if (root is not { IsAllDataRequested: true })
        {
            root?.SetEndTime(commitTo.UtcDateTime);
            return default;
        }

        root.SetTag("carehub.signal.kind", Words<SignalKind>.Of(signal.Kind));
        root.SetTag("carehub.signal.outcome", Words<SignalOutcome>.Of(record.Decision.Outcome));
        root.SetTag("carehub.signal.reason", record.Decision.Reason);
        root.SetTag("carehub.device.id", signal.DeviceId);
        root.SetTag("carehub.alarm.id", record.Decision.AlarmId);
        Part("receive", signal.ReceivedAt, record.Mark.At);
        Part("triage", record.Mark.At, commitFrom);
        Part("commit", commitFrom, commitTo);
        root.SetEndTime(commitTo.UtcDateTime);
        return root.Context;

        void Part(string name, DateTimeOffset from, DateTimeOffset to)
        {
            using var part = Source.StartActivity(name, ActivityKind.Internal, root.Context, startTime: from);
            part?.SetEndTime(to > from ? to.UtcDateTime : from.UtcDateTime);
        }
    }

    public static void Pushed(ActivityContext signal, DateTimeOffset from, DateTimeOffset to)
    {
        if (signal != default)
        {
            using var push = Source.StartActivity("push", ActivityKind.Producer, signal, startTime: from);
            push?.SetEndTime(to.UtcDateTime);
        }
    }
}
