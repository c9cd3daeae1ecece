using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Simulation.Tests.World;

namespace CareHub.Simulation.Tests.Audit;

/// <summary>Reads what the store holds, entry by entry, and checks that the timeline explains every row.</summary>
internal sealed class StoreAudit(Clock clock, IStoreReader store, IReadOnlyList<Thing> things, PeopleAudit people, DeviceAudit devices)
{
    private static readonly string[] Calls = ["raised", "repeated", "reactivated"];

    private readonly ChainAudit _chain = new();
    private readonly Dictionary<string, AuditedAlarm> _alarms = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, AuditedAlarm> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Thing> _things = things.ToDictionary(thing => thing.Id, StringComparer.Ordinal);
    private readonly List<StoredSignal> _unraised = [];
    private readonly HashSet<AuditedAlarm> _agreeing = [];
    private readonly Dictionary<string, DateTimeOffset> _awayClosedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _causeGoneAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<(StoredSignal Row, Said? Said)>> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (StoredSignal Row, Said? Said)> _cancels = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, DateTimeOffset> _awaySince = new(StringComparer.Ordinal);
    private long _signalPosition;
    private long _timelinePosition;
    private DateTimeOffset _lastAt = clock.Now;

    public SilenceAudit Silences { get; } = new();

    public IEnumerable<AuditedAlarm> Open => _open.Values;

    public IReadOnlyList<StoredAlarm> Rows => store.OpenAlarms();

    /// <summary>Whether it has changed so lately that the news of it may still be on its way.</summary>
    public bool HasJustChanged(string alarmId, TimeSpan within) => _alarms.TryGetValue(alarmId, out var alarm) && clock.Now - alarm.ChangedAt < within;

    public int VersionOf(string alarmId) => store.Alarm(alarmId)?.Version ?? 0;

    /// <summary>What the last commit has added.</summary>
    public void Read()
    {
        foreach (var row in store.SignalsAfter(_signalPosition))
        {
            _signalPosition = row.Position;
            var said = devices.Stored(row);
            if (row.AlarmId is { } alarmId && Calls.Contains(row.Outcome))
            {
                if (!_calls.TryGetValue(alarmId, out var calls))
                {
                    _calls.Add(alarmId, calls = new());
                }

                calls.Enqueue((row, said));
            }
            else if (said is not null && DesignTable.Calls(row.Kind))
            {
                _unraised.Add(row);
            }
            else if (row.Kind == SignalKind.Offline && row.Outcome == "pending")
            {
                _awaySince[row.DeviceId] = row.ReceivedAt;
            }
            else if (row.Kind == SignalKind.Online)
            {
                _awaySince.Remove(row.DeviceId);
            }
            else if (row is { AlarmId: { } cancelled, Outcome: "cancelled" })
            {
                _cancels[cancelled] = (row, said);
            }
        }

        var touched = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in store.TimelineAfter(_timelinePosition))
        {
            _timelinePosition = entry.Position;
            Apply(entry);
            if (!entry.IsOfSilence)
            {
                touched.Add(entry.AlarmId);
            }
        }

        var without = _calls.FirstOrDefault(pair => pair.Value.Count > 0);
        Auditor.Require(without.Key is null, Promise.AcknowledgedMeansDurable, $"a signal called {without.Key}, and its timeline does not say so");
        _cancels.Clear();
        CheckUnraised();
        CheckConfirmed();
        foreach (var alarmId in touched)
        {
            Compare(_alarms[alarmId], store.Alarm(alarmId));
        }
    }

    /// <summary>After a start of the hub: the store as a whole must still be what it was.</summary>
    public void ReadAnew()
    {
        Read();
        devices.StoreIs([.. store.SignalsAfter(0).Select(row => (row.DeviceId, row.SignalId))]);
        var chain = new ChainAudit();
        foreach (var entry in store.TimelineAfter(0))
        {
            chain.Check(entry);
        }

        var rows = store.OpenAlarms().ToDictionary(row => row.Id, StringComparer.Ordinal);
        Auditor.Require(rows.Count == _open.Count, Promise.EveryChangeHasAnAuthor, $"the store has {rows.Count} open alarms, and its timeline {_open.Count}");
        foreach (var alarm in _open.Values)
        {
            Compare(alarm, rows.GetValueOrDefault(alarm.Id));
        }
    }

    /// <summary>Silence is on record, if only in its raise delay; or a person has closed that record since the device was heard.</summary>
    public bool IsKnownAway(string deviceId, DateTimeOffset heardAt) =>
        _open.Values.Any(alarm => alarm.DeviceId == deviceId && alarm.Kind == SignalKind.Offline && alarm.IsActive)
        || _awaySince.ContainsKey(deviceId)
        || (_awayClosedAt.TryGetValue(deviceId, out var at) && at >= heardAt);

    /// <summary>A device that has taken its leave and does not come back is missed after the raise delay.</summary>
    public void CheckAway(DateTimeOffset healthySince, TimeSpan grace)
    {
        foreach (var (deviceId, since) in _awaySince)
        {
            var due = since + DesignTable.OfflineDelay;
            Auditor.Require(clock.Now <= (due > healthySince ? due : healthySince) + grace, Promise.SilenceIsAnAlarm, $"{deviceId} is away since {since:HH:mm:ss.fff}, and no alarm says so");
        }
    }

    /// <summary>What an alarm explains sounds some time after that alarm is over.</summary>
    public void CheckCauses(DateTimeOffset healthySince, TimeSpan grace)
    {
        foreach (var alarm in _open.Values.Where(alarm => alarm.SuppressedBy == SuppressionKind.ByDesign))
        {
            var cause = _alarms.GetValueOrDefault(alarm.Cause!);
            if (cause is { IsOpen: true, IsActive: true })
            {
                continue;
            }

            var goneAt = _causeGoneAt.GetValueOrDefault(alarm.Cause!, clock.Now);
            var due = goneAt + DesignTable.InhibitionGrace;
            Auditor.Require(clock.Now <= (due > healthySince ? due : healthySince) + grace, Promise.UnseenEscalates, $"{alarm.Id} is still explained by {alarm.Cause}, which is over since {goneAt:HH:mm:ss.fff}");
        }
    }

    private void Apply(StoredEntry entry)
    {
        _chain.Check(entry);
        Auditor.Require(
            entry.AuthorKind != default && entry.AuthorId.Length > 0 && entry.AuthorName.Length > 0 && entry.Reason.Length > 0,
            Promise.EveryChangeHasAnAuthor, $"{entry.AlarmId} {entry.Seq} {entry.Event} has no author or no reason");
        Auditor.Require(entry.At <= clock.Now && entry.At > _lastAt - TimeSpan.FromSeconds(5), Promise.EveryChangeHasAnAuthor, $"{entry.AlarmId} {entry.Seq} is of {entry.At:HH:mm:ss.fff}, and it is {clock.Now:HH:mm:ss.fff}");
        _lastAt = entry.At;
        if (entry.IsOfSilence)
        {
            Silences.Apply(entry);
            CheckPerson(entry, null);
            return;
        }

        var alarm = _alarms.GetValueOrDefault(entry.AlarmId);
        Auditor.Require(entry.Seq == (alarm?.Version ?? 0) + 1, Promise.EveryChangeHasAnAuthor, $"{entry.AlarmId}: number {entry.Seq} follows {alarm?.Version ?? 0}");
        if (alarm is null)
        {
            alarm = Raise(entry);
        }
        else
        {
            Auditor.Require(alarm.IsOpen, Promise.NothingClosesByItself, $"{entry.AlarmId} is closed, and then {entry.Event}");
            CheckPerson(entry, alarm);
            if (TakeCall(entry).Said is { } said)
            {
                alarm.Hear(DesignTable.PriorityOf(alarm.Kind, _things[alarm.DeviceId].Kind, said.Confidence));
            }

            CheckEvent(entry, alarm);
        }

        alarm.Apply(entry);
        NoteAgreeing(entry, alarm);
        if (!alarm.IsOpen)
        {
            _open.Remove(alarm.Id);
            if (alarm.Kind == SignalKind.Offline)
            {
                _awayClosedAt[alarm.DeviceId] = entry.At;
            }
        }

        if (!alarm.IsOpen || !alarm.IsActive)
        {
            _causeGoneAt.TryAdd(alarm.Id, entry.At);
        }
        else
        {
            _causeGoneAt.Remove(alarm.Id);
        }
    }

    /// <summary>A call that raised nothing was a test that somebody had announced, or a door by day.</summary>
    private void CheckUnraised()
    {
        foreach (var row in _unraised)
        {
            var isTest = row.Outcome == "tested" && Silences.WasWalkTest(_things[row.DeviceId].SiteId, row.DeviceId, row.ReceivedAt);
            var isByDay = row is { Kind: SignalKind.Door, Outcome: "recorded" } && !DesignTable.IsNight(row.ReceivedAt);
            Auditor.Require(isTest || isByDay, Promise.WhatCallsIsRaised, $"{row.DeviceId} said {row.SignalId} ({row.Kind}), and it is {row.Outcome} without an alarm");
        }

        _unraised.Clear();
    }

    /// <summary>Detectors of a site that come within the window, and neither is out of service.</summary>
    private void NoteAgreeing(StoredEntry entry, AuditedAlarm alarm)
    {
        if (entry.Event is not (AlarmEvent.Raised or AlarmEvent.Reactivated) || !IsBurning(alarm))
        {
            return;
        }

        foreach (var other in _open.Values.Where(other => other.SiteId == alarm.SiteId && other.DeviceId != alarm.DeviceId && IsBurning(other) && entry.At - other.ActivatedAt < DesignTable.CoincidenceWindow))
        {
            _agreeing.Add(other);
            _agreeing.Add(alarm);
        }

        static bool IsBurning(AuditedAlarm alarm) => DesignTable.IsFire(alarm.Kind) && alarm is { IsOpen: true, IsActive: true, SuppressedBy: null };
    }

    private void CheckConfirmed()
    {
        var alone = _agreeing.FirstOrDefault(alarm => alarm.IsOpen && !alarm.IsConfirmed);
        Auditor.Require(alone is null, Promise.TwoDetectorsConfirmAFire, $"{alone?.Id} ({alone?.Kind}): another detector says so too, and no fire is confirmed");
        _agreeing.Clear();
    }

    private AuditedAlarm Raise(StoredEntry entry)
    {
        Auditor.Require(entry.Event == AlarmEvent.Raised, Promise.EveryChangeHasAnAuthor, $"{entry.AlarmId} begins with {entry.Event}");
        var row = store.Alarm(entry.AlarmId);
        Auditor.Require(row is not null, Promise.AcknowledgedMeansDurable, $"{entry.AlarmId} is in the timeline and nowhere else");

        // What waited for its raise delay is raised by the hub's triage, all else by a signal.
        var isDelayed = entry is { AuthorKind: AuthorKind.Hub, AuthorId: "triage" };
        var call = isDelayed ? default : TakeCall(entry);
        var occurredAt = call.Said is { IsBuffered: true } said && said.At < call.Row.ReceivedAt ? said.At : call.Row?.ReceivedAt ?? entry.At;
        var alarm = new AuditedAlarm(row!, DesignTable.PriorityOf(row!.Kind, _things[row.DeviceId].Kind, call.Said?.Confidence), entry.At, occurredAt);
        Auditor.Require(!_open.Values.Any(open => open.DeviceId == row.DeviceId && open.Kind == row.Kind), Promise.OneOpenAlarmPerDeviceAndKind, $"{row.DeviceId} has a second open alarm of {row.Kind}: {row.Id}");
        _alarms.Add(alarm.Id, alarm);
        _open.Add(alarm.Id, alarm);
        if (alarm.Kind == SignalKind.Offline)
        {
            _awaySince.Remove(alarm.DeviceId);
        }

        return alarm;
    }

    /// <summary>The signal behind an entry that a signal makes: each makes exactly one.</summary>
    private (StoredSignal Row, Said? Said) TakeCall(StoredEntry entry)
    {
        if (entry.Event is not (AlarmEvent.Raised or AlarmEvent.Repeated or AlarmEvent.Reactivated))
        {
            return default;
        }

        var calls = _calls.GetValueOrDefault(entry.AlarmId);
        Auditor.Require(calls is { Count: > 0 } && calls.Peek().Row.Outcome == Words<AlarmEvent>.Of(entry.Event), Promise.AcknowledgedMeansDurable, $"{entry.AlarmId} {entry.Seq} {entry.Event}: no signal in the store did that");
        return calls!.Dequeue();
    }

    private void CheckPerson(StoredEntry entry, AuditedAlarm? alarm)
    {
        if (entry.AuthorKind == AuthorKind.User)
        {
            people.Check(entry, alarm);
        }
    }

    private void CheckEvent(StoredEntry entry, AuditedAlarm alarm)
    {
        Auditor.Require(entry.AuthorKind != AuthorKind.Device || entry.AuthorId == alarm.DeviceId, Promise.EveryChangeHasAnAuthor, $"{entry.AuthorId} changed {alarm.Id} of {alarm.DeviceId}");
        switch (entry.Event)
        {
            case AlarmEvent.Resolved:
                Auditor.Require(entry.AuthorKind == AuthorKind.User, Promise.NothingClosesByItself, $"{alarm.Id} was resolved by {entry.AuthorId}");
                break;
            case AlarmEvent.Returned:
                Auditor.Require(!DesignTable.IsLatching(alarm.Kind), Promise.NothingClosesByItself, $"{alarm.Id} ({alarm.Kind}) returned: only a person may say that it is over");
                break;
            case AlarmEvent.AutoClosed:
                var isLow = alarm.Priority == Priority.Low || alarm.SuppressedBy == SuppressionKind.ByDesign;
                Auditor.Require(isLow && !alarm.IsActive && DesignTable.MayAutoClose(alarm.Kind), Promise.NothingClosesByItself, $"{alarm.Id} ({alarm.Kind}, {alarm.Priority}) closed by itself");
                break;
            case AlarmEvent.Cancelled:
                var (row, said) = _cancels.GetValueOrDefault(alarm.Id);
                var at = said is { IsBuffered: true } && said.At < row.ReceivedAt ? said.At : row?.ReceivedAt ?? DateTimeOffset.MaxValue;
                Auditor.Require(
                    alarm.Kind == SignalKind.Fall && at <= alarm.OccurredAt + DesignTable.CancelWindow,
                    Promise.NothingClosesByItself, $"{alarm.Id} fell at {alarm.OccurredAt:HH:mm:ss.fff} and was cancelled at {at:HH:mm:ss.fff}");
                break;
            case AlarmEvent.Escalated:
                CheckEscalation(entry, alarm);
                break;
        }
    }

    private void CheckEscalation(StoredEntry entry, AuditedAlarm alarm)
    {
        var target = Array.IndexOf(DesignTable.Targets, entry.Reason[(entry.Reason.LastIndexOf(':') + 1)..]);
        var tier = DesignTable.TiersOf(alarm.Priority).FirstOrDefault(each => each.Target == target);
        var isNoDesk = entry.Reason.Contains(":no_desk:", StringComparison.Ordinal) && people.WasUnstaffed(alarm.SiteId);
        Auditor.Require(
            tier.Seconds > 0 && (isNoDesk || entry.At >= alarm.AnnunciatedAt + TimeSpan.FromSeconds(tier.Seconds)),
            Promise.UnseenEscalates, $"{alarm.Id} ({alarm.Priority}) went up too early: {entry.Reason}");
        Auditor.Require(!alarm.IsAnswered, Promise.UnseenEscalates, $"{alarm.Id} was answered and went up all the same");
    }

    private void CheckExplanation(AuditedAlarm alarm)
    {
        if (alarm.SuppressedBy != SuppressionKind.ByDesign)
        {
            return;
        }

        var cause = _alarms.GetValueOrDefault(alarm.Cause!);
        Auditor.Require(
            cause is not null && cause.SiteId == alarm.SiteId && cause.DeviceId != alarm.DeviceId && (cause.Kind, alarm.Kind, _things[cause.DeviceId].Kind) switch
            {
                (SignalKind.Offline, SignalKind.Offline, "gateway") => _things[alarm.DeviceId].GatewayId == cause.DeviceId,
                (SignalKind.Fault, SignalKind.Fault, "power_monitor") => true,
                _ => false,
            },
            Promise.OnlyItsCauseExplains, $"{alarm.Id} ({alarm.Kind}) is explained by {alarm.Cause} ({cause?.Kind})");
    }

    /// <summary>Every fact of a row must follow from its timeline.</summary>
    private void Compare(AuditedAlarm alarm, StoredAlarm? row)
    {
        Auditor.Require(row is not null, Promise.AcknowledgedMeansDurable, $"{alarm.Id} is no longer in the store");
        Auditor.Require(!alarm.IsOpen || alarm.Priority == alarm.Gravest, Promise.AnAlarmIsAsGraveAsWasSaid, $"{alarm.Id} ({alarm.Kind}) is {alarm.Priority}, and {alarm.Gravest} was said of it");
        CheckExplanation(alarm);
        var isOutOfService = row!.SuppressedBy == SuppressionKind.OutOfService && Silences.Stands(row.Cause!, "out_of_service", row.DeviceId, "");
        var isGrave = alarm.Priority == Priority.Critical || DesignTable.IsFire(alarm.Kind);
        Auditor.Require(!isGrave || row.SuppressedBy is null || isOutOfService, Promise.NothingHidesACriticalAlarm, $"{alarm.Id} ({alarm.Kind}) is suppressed by {row.SuppressedBy} {row.Cause}");
        var isShelved = row.SuppressedBy == SuppressionKind.Shelved && Silences.Stands(row.Cause!, "shelf", row.DeviceId, Words<SignalKind>.Of(row.Kind));
        Auditor.Require(row.SuppressedBy is null or SuppressionKind.ByDesign || isOutOfService || isShelved, Promise.SilencesEndOnTime, $"{alarm.Id} is silent because of {row.Cause}, which does not stand");
        var expected = alarm.SuppressedBy == SuppressionKind.ByDesign ? Priority.Low : alarm.Priority;
        Auditor.Require(!alarm.IsOpen || row.Priority == expected, Promise.EveryChangeHasAnAuthor, $"{alarm.Id} is {row.Priority} and should be {expected}");
        var (told, stored) = (
            (alarm.Version, alarm.Count, alarm.IsOpen, alarm.IsActive, alarm.IsAcknowledged, alarm.SuppressedBy, alarm.Cause),
            (row.Version, row.Count, row.IsOpen, row.Active, row.Acknowledged, row.SuppressedBy, row.Cause));
        Auditor.Require(told == stored, Promise.EveryChangeHasAnAuthor, $"{alarm.Id}: its timeline tells {told}, its row says {stored}");
    }
}
