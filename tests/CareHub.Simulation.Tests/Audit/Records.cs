using CareHub.Core.Alarms;
using CareHub.Core.Signals;

namespace CareHub.Simulation.Tests.Audit;

/// <summary>What an outsider reads from the hub's store.</summary>
internal interface IStoreReader
{
    IReadOnlyList<StoredSignal> SignalsAfter(long position);

    IReadOnlyList<StoredEntry> TimelineAfter(long position);

    StoredAlarm? Alarm(string id);

    IReadOnlyList<StoredAlarm> OpenAlarms();
}

internal sealed record StoredSignal(long Position, string DeviceId, string SignalId, SignalKind Kind, DateTimeOffset ReceivedAt, string Outcome, string? AlarmId);

internal sealed record StoredEntry(
    long Position, string AlarmId, int Seq, DateTimeOffset At, AlarmEvent Event, AuthorKind AuthorKind, string AuthorId, string AuthorName, string Reason, string? Note, byte[] Hash)
{
    /// <summary>Ids of alarms are <c>{site}.{number}</c>, of silences <c>{site}~{number}</c>.</summary>
    public bool IsOfSilence => AlarmId.Contains('~', StringComparison.Ordinal);

    public string SiteId => AlarmId[..AlarmId.LastIndexOfAny(['.', '~'])];
}

internal sealed record StoredAlarm(
    string Id, string SiteId, string DeviceId, SignalKind Kind, Priority Priority, bool Active, bool Acknowledged, bool IsOpen, int Version, int Count, SuppressionKind? SuppressedBy, string? Cause);

/// <summary>Something that a device said.</summary>
internal sealed record Said(string DeviceId, string Id, int Order, SignalKind Kind, SignalKind? Of, double? Confidence, DateTimeOffset At, bool IsBuffered);

/// <summary>The promises of the design, and what follows from them.</summary>
internal enum Promise
{
    AcknowledgedMeansDurable = 1,
    SignalsAreNeverShed = 2,
    UnseenEscalates = 3,
    NothingClosesByItself = 4,
    SilenceIsAnAlarm = 5,
    EveryChangeHasAnAuthor = 6,
    NobodySeesOutsideTheirRegion = 7,
    EverythingHasABound = 8,

    /// <summary>A critical alarm is never suppressed but for a device out of service.</summary>
    NothingHidesACriticalAlarm = 11,
    ConsolesConverge = 12,
    OneOpenAlarmPerDeviceAndKind = 13,
    SilencesEndOnTime = 14,
    AnAcknowledgementCoversOnlyWhatWasSeen = 15,

    /// <summary>What a device calls is an alarm, or on record as a test that a person has announced.</summary>
    WhatCallsIsRaised = 16,

    /// <summary>An alarm is as grave as the gravest that was said of it.</summary>
    AnAlarmIsAsGraveAsWasSaid = 17,
    TwoDetectorsConfirmAFire = 18,

    /// <summary>A lost gateway explains that its devices are away, a lost supply faults; nothing else is explained.</summary>
    OnlyItsCauseExplains = 19,
}

/// <summary>What the auditor found.</summary>
internal sealed class BrokenPromise(Promise promise, string what) : Exception($"{promise}: {what}")
{
    public Promise Promise { get; } = promise;
}
