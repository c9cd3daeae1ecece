using System.Collections.Frozen;
using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Server.Pipeline;
using CareHub.Simulation.Tests.Hub;
using CareHub.Storage.Registry;

namespace CareHub.Simulation.Tests.Mutations;

internal sealed class AcknowledgesEarly : Seams
{
    public override bool AcknowledgesBeforeCommit => true;
}

internal sealed class Sheds : Seams
{
    public override ShardWork? Accept(ShardWork work, int waiting) => work is SignalWork && waiting >= 2 ? null : work;
}

internal sealed class SkipsATier : Seams
{
    private static readonly RuleBook Book = new(
        new TriageRules
        {
            Escalation = EscalationPolicy.Defaults.SetItem(
                Priority.Critical,
                EscalationPolicy.Defaults[Priority.Critical] with { Tiers = EscalationPolicy.Defaults[Priority.Critical].Tiers.RemoveAt(1) }),
        },
        [],
        "mutation");

    public override RuleBook Rules => Book;
}

internal sealed class LateCancel : Seams
{
    private static readonly TriageRules Default = new();

    private static readonly RuleBook Book = new(
        Default with
        {
            BySignal = Default.BySignal.ToDictionary(pair => pair.Key, pair => pair.Key == SignalKind.Fall ? pair.Value with { VerifyWindow = TimeSpan.FromSeconds(60) } : pair.Value).ToFrozenDictionary(),
        },
        [],
        "mutation");

    public override RuleBook Rules => Book;
}

internal sealed class StartsWithoutDeadlines : Seams
{
    public override bool StartsDeadlines(bool isRestart) => !isRestart;
}

internal sealed class NeverSweeps : Seams
{
    public override bool Sweeps => false;
}

internal sealed class ShowsEverything : Seams
{
    public override string FeedRegion(string regionId) => RegistryStore.RootRegionId;
}

internal sealed class ChecksNothing : Seams
{
    public override bool ChecksScope => false;
}

internal sealed class BoundlessBatch : Seams
{
    public override int BatchMax => int.MaxValue;
}

internal sealed class LosesAChange : Seams
{
    private int _published;

    public override IReadOnlyList<AlarmChange> Publishing(IReadOnlyList<AlarmChange> changes) => [.. changes.Where(_ => ++_published % 7 != 0)];
}

/// <summary>Whatever version the person has seen, the hub takes it for the newest.</summary>
internal sealed class AcknowledgesAnything : Seams
{
    public override ShardWork? Accept(ShardWork work, int waiting) =>
        work is CommandWork { Command: AlarmCommand.Acknowledge acknowledge } ? new CommandWork(work.SiteId, acknowledge with { Version = int.MaxValue }) : work;
}

internal sealed class SeesSomebodyEverywhere : Seams
{
    public override bool IsStaffed(bool isStaffed) => true;
}

/// <summary>Whatever comes after a first unsure word of a device is taken for as unsure.</summary>
internal sealed class StaysUnsure : Seams
{
    private const double Unsure = 0.3;
    private readonly HashSet<string> _unsure = new(StringComparer.Ordinal);

    public override ShardWork? Accept(ShardWork work, int waiting)
    {
        if (work is not SignalWork { Signal: { Kind: SignalKind.Fall } signal } fall)
        {
            return work;
        }

        if (signal.Confidence <= Unsure)
        {
            _unsure.Add(signal.DeviceId);
        }

        return _unsure.Contains(signal.DeviceId) ? new SignalWork(signal with { Confidence = Unsure }, fall.Device) : work;
    }
}

/// <summary>The default table with one thing otherwise.</summary>
internal abstract class OtherRules(Func<TriageRules, TriageRules> change) : Seams
{
    private readonly RuleBook _book = new(change(new TriageRules()), [], "mutation");

    public override RuleBook Rules => _book;

    protected static TriageRules With(TriageRules rules, SignalKind kind, Func<SignalRule, SignalRule?> change) => rules with
    {
        BySignal = rules.BySignal.Select(pair => KeyValuePair.Create(pair.Key, pair.Key == kind ? change(pair.Value) : pair.Value))
            .Where(pair => pair.Value is not null).ToFrozenDictionary(pair => pair.Key, pair => pair.Value!),
    };
}

internal sealed class LacksARule() : OtherRules(rules => With(rules, SignalKind.Button, _ => null));

internal sealed class ForgetsFalls() : OtherRules(rules => With(rules, SignalKind.Fall, fall => fall with { Latching = false }));

internal sealed class ConfirmsNothing() : OtherRules(rules => rules with { CoincidenceWindow = TimeSpan.FromSeconds(-1) });

internal sealed class ExplainsTooMuch() : OtherRules(rules => rules with
{
    Inhibitions = [.. rules.Inhibitions.Select(each => each with { Covers = each.Covers.Append(SignalKind.Tamper).Append(SignalKind.LowBattery).Append(SignalKind.Vital).ToFrozenSet() })],
});
