using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Server.Pipeline;
using CareHub.Server.Tests.Support;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Server.Tests.Pipeline;

/// <summary>A hub that was away has an escalation due at every open alarm at once: a person who presses then does not wait for them, and a stop neither.</summary>
public sealed class OverdueTests : IDisposable
{
    private const int Sites = 4_000;

    private readonly ManualTime _time = new();
    private readonly DataDirectory _data = DataDirectory.Open(Path.Combine(Path.GetTempPath(), $"carehub-overdue-{Guid.NewGuid():N}"));
    private readonly FaultyLedger _ledger;

    public OverdueTests()
    {
        _ledger = new FaultyLedger(AlarmLedger.Open(_data));
        Raise();
        _time.Advance(TimeSpan.FromHours(1));
    }

    public void Dispose()
    {
        _ledger.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_data.Root, recursive: true);
    }

    [Fact]
    public void A_press_is_in_a_round_of_bounded_work_and_every_deadline_has_its_turn()
    {
        using var index = _ledger.OpenIndex();
        var sites = new ShardSites(new(_ledger.LoadSites()), index, () => RuleBook.Default, _ => true, (_, _) => []);
        sites.Start(_time.HubNow());

        var press = new SignalWork(Press("new"), Button("new"));
        var first = sites.Step([press], _time.HubNow());
        Assert.Equal("new.1", press.AlarmId);
        Assert.Equal(Limits.ShardDueMax + 1, first.Next.Count);
        sites.Keep(first, [press], _time.HubNow());

        var escalated = first.Next.Keys.Where(site => site != "new").ToHashSet(StringComparer.Ordinal);
        while (sites.NextDeadline <= _time.HubNow())
        {
            var round = sites.Step([], _time.HubNow());
            Assert.InRange(round.Next.Count, 1, Limits.ShardDueMax);
            escalated.UnionWith(round.Next.Keys);
            sites.Keep(round, [], _time.HubNow());
        }

        Assert.Equal(Sites, escalated.Count);
    }

    [Fact]
    public void What_was_due_at_a_site_before_its_signal_has_happened_before_it()
    {
        using var index = _ledger.OpenIndex();
        var sites = new ShardSites(new(_ledger.LoadSites()), index, () => RuleBook.Default, _ => true, (_, _) => []);
        sites.Start(_time.HubNow());
        for (var site = 0; site < Sites; site += Sites / 4)
        {
            var press = new SignalWork(Press(SiteId(site), "again"), Button(SiteId(site)));
            var round = sites.Step([press], _time.HubNow());
            var events = round.Batch.Changes.Where(change => change.Alarm.SiteId == SiteId(site)).Select(change => change.Entry.Event).ToList();
            Assert.Equal(AlarmEvent.Escalated, events[0]);
            Assert.NotEqual(AlarmEvent.Escalated, events[^1]);
            sites.Keep(round, [press], _time.HubNow());
        }
    }

    [Fact]
    public async Task A_stop_ends_with_the_round_under_way_and_the_next_start_goes_on()
    {
        _ledger.Hold();
        var arrived = _ledger.Arrived;
        var first = Start();
        await Eventually.True(() => _ledger.Arrived > arrived, "the first escalations are on their way to the disk");
        var stopped = first.DisposeAsync();
        _ledger.Release();
        await stopped;
        Assert.InRange(Escalated(), 1, Sites / 2);

        await using var second = Start();
        await Eventually.True(() => Escalated() == Sites, "every alarm has escalated");
    }

    private TriagePipeline Start()
    {
        var pipeline = new TriagePipeline(_ledger, _ledger.LoadSites(), () => RuleBook.Default, _ => true, (_, _) => [], _time, _ => { }, NullLoggerFactory.Instance);
        pipeline.Start();
        return pipeline;
    }

    private void Raise()
    {
        var batch = new CommitBatch();
        for (var site = 0; site < Sites; site++)
        {
            var before = new SiteState { SiteId = SiteId(site) };
            var input = new TriageInput.FromDevice(Press(before.SiteId), Button(before.SiteId));
            batch.Add(before, input, new StepMark(_time.HubNow(), RuleBook.Default), TriageEngine.Step(before, input, _time.HubNow(), RuleBook.Default));
        }

        _ledger.Commit([batch]);
    }

    private static string SiteId(int site) => $"home-{site:0000}";

    private static DeviceFacts Button(string siteId) => new($"button-{siteId}", DeviceKinds.EmergencyButton, siteId, null);

    private Signal Press(string siteId, string id = "1") => new() { DeviceId = $"button-{siteId}", Id = id, Kind = SignalKind.Button, ReceivedAt = _time.HubNow() };

    private int Escalated()
    {
        using var context = AlarmLedger.CreateContext(_data.AlarmsFile);
        return context.Alarms.AsNoTracking().Count(alarm => alarm.Tier > 0);
    }
}
