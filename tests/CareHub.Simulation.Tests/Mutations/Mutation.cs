using CareHub.Simulation.Tests.Audit;
using CareHub.Simulation.Tests.Hub;

namespace CareHub.Simulation.Tests.Mutations;

/// <summary>A deliberate bug, and the promises of which it must be seen to break one.</summary>
internal sealed record Mutation(string Name, Func<Seams> Make, params Promise[] Breaks)
{
    public override string ToString() => Name;
}

internal static class MutationList
{
    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("acknowledges before the commit", () => new AcknowledgesEarly(), Promise.AcknowledgedMeansDurable),
        new("takes a signal twice", () => new ForgetsIds(), Promise.AcknowledgedMeansDurable),
        new("loses the last signals in a crash", () => new LosesOnCrash(), Promise.AcknowledgedMeansDurable),
        new("sheds signals while others wait", () => new Sheds(), Promise.SignalsAreNeverShed),
        new("skips a tier of the policy", () => new SkipsATier(), Promise.UnseenEscalates),
        new("sets no deadlines after a restart", () => new StartsWithoutDeadlines(), Promise.UnseenEscalates, Promise.SilencesEndOnTime, Promise.SilenceIsAnAlarm),
        new("takes every tier for passed after a restart", () => new TakesTiersForDone(), Promise.UnseenEscalates),
        new("closes a medium alarm that has returned", () => new ClosesMedium(), Promise.NothingClosesByItself),
        new("takes a cancel after its window", () => new LateCancel(), Promise.NothingClosesByItself),
        new("does not look for silent devices", () => new NeverSweeps(), Promise.SilenceIsAnAlarm),
        new("loses pending conditions in a restart", () => new ForgetsPending(), Promise.SilenceIsAnAlarm),
        new("writes an entry without an author", () => new NoAuthor(), Promise.EveryChangeHasAnAuthor),
        new("uses a version twice", () => new ReusesVersion(), Promise.EveryChangeHasAnAuthor),
        new("changes a row and says nothing of it", () => new ChangesInSilence(), Promise.EveryChangeHasAnAuthor),
        new("shows a region the whole town", () => new ShowsEverything(), Promise.NobodySeesOutsideTheirRegion),
        new("lets anybody touch any alarm", () => new ChecksNothing(), Promise.NobodySeesOutsideTheirRegion),
        new("takes all that waits into one round", () => new BoundlessBatch(), Promise.EverythingHasABound),
        new("shelves a critical alarm", () => new ShelvesCritical(), Promise.NothingHidesACriticalAlarm),
        new("loses a change on its way to the consoles", () => new LosesAChange(), Promise.ConsolesConverge),
        new("raises what is open already", () => new RaisesTwice(), Promise.OneOpenAlarmPerDeviceAndKind),
        new("forgets shelves in a restart", () => new ForgetsSilences(), Promise.SilencesEndOnTime),
        new("keeps a press on record and raises nothing", () => new LacksARule(), Promise.WhatCallsIsRaised),
        new("takes an empty desk for a staffed one", () => new SeesSomebodyEverywhere(), Promise.UnseenEscalates),
        new("does not hear that a suspicion has become certain", () => new StaysUnsure(), Promise.AnAlarmIsAsGraveAsWasSaid, Promise.EveryChangeHasAnAuthor),
        new("lets a device say that a fall is over", () => new ForgetsFalls(), Promise.NothingClosesByItself),
        new("takes each detector for itself", () => new ConfirmsNothing(), Promise.TwoDetectorsConfirmAFire),
        new("lets a lost gateway explain whatever its devices say", () => new ExplainsTooMuch(), Promise.OnlyItsCauseExplains),
        new("lets an acknowledgement cover a later call", () => new AcknowledgesAnything(), Promise.AnAcknowledgementCoversOnlyWhatWasSeen),
    ];
}
