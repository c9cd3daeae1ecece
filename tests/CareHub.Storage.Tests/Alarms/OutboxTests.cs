using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Storage.Alarms;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Tests.Alarms;

/// <summary>Notifications stand and fall with the change that causes them.</summary>
public sealed class OutboxTests : IDisposable
{
    private const string Id = "home-1.1";
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly Recipient Chief = new(NotifyChannel.Sms, "chief", "+861");
    private static readonly Recipient City = new(NotifyChannel.Webhook, "city", "");

    private readonly DataDirectory _data = DataDirectory.Open(Path.Combine(Path.GetTempPath(), $"carehub-outbox-{Guid.NewGuid():N}"));
    private readonly AlarmLedger _ledger;
    private SiteState _site = new() { SiteId = "home-1" };
    private int _ids;

    public OutboxTests() => _ledger = AlarmLedger.Open(_data);

    public void Dispose()
    {
        _ledger.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_data.Root, recursive: true);
    }

    [Fact]
    public void A_notification_is_on_disk_with_its_change_or_neither_is()
    {
        var batch = Press();
        batch.Notices.Add(Escalated(1, Chief, City));
        _ledger.Commit([batch]);
        Assert.Equal([$"{Id}.1.sms.chief", $"{Id}.1.webhook.city"], Rows().Select(row => row.Key));

        var (before, failing) = (_site, Press("same"));
        failing.Notices.Add(Escalated(2, Chief));
        Assert.Throws<SqliteException>(() => _ledger.Commit([failing, Press("same")]));
        Assert.Equal(2, Rows().Count);
        _site = before;

        // The same change twice, after a crash say, is the same notification.
        var again = new CommitBatch();
        again.Notices.Add(Escalated(1, Chief));
        _ledger.Commit([again]);
        Assert.Equal(2, Rows().Count);
    }

    [Fact]
    public void An_all_clear_goes_to_those_who_were_told_and_not_to_whom_the_channel_could_not_reach()
    {
        var batch = Press();
        batch.Notices.Add(Escalated(1, Chief, City));
        var closing = new CommitBatch();
        closing.Notices.Add(new Notice(Id, "home-1", 2, Now, NoticeKind.AllClear, null, []));
        closing.Receipts.Add(new KeptReceipt(ReceiptOf($"{Id}.1.webhook.city", NotificationState.GivenUp), IsLate: false));
        _ledger.Commit([batch, closing]);

        var row = Assert.Single(Rows(), each => each.Kind == NoticeKind.AllClear);
        Assert.Equal(($"{Id}.2.sms.chief", "+861", EscalationTarget.Supervisor), (row.Key, row.Address, row.Target));
    }

    [Fact]
    public void The_receipt_of_a_closed_alarm_goes_on_with_its_story_once()
    {
        var batch = Press();
        batch.Notices.Add(Escalated(1, Chief));
        _ledger.Commit([batch]);
        var late = new CommitBatch();
        late.Receipts.Add(new KeptReceipt(ReceiptOf($"{Id}.1.sms.chief", NotificationState.Delivered), IsLate: true));
        _ledger.Commit([late]);
        _ledger.Commit([late]);

        using var context = AlarmLedger.CreateContext(_data.AlarmsFile);
        Assert.Equal([(1, AlarmEvent.Raised), (2, AlarmEvent.Notified)], context.Timeline.OrderBy(row => row.Position).Select(row => ValueTuple.Create(row.Seq, row.Event)).ToList());
        Assert.Equal(2, context.Alarms.Single().Version);
        Assert.Equal((NotificationState.Delivered, 3, "http_200"), Rows().Single() is var row ? (row.State, row.Attempts, row.Answer) : default);
    }

    [Fact]
    public async Task Only_what_is_finished_is_forgotten_in_time()
    {
        var batch = Press();
        batch.Notices.Add(Escalated(1, Chief, City));
        var receipt = new CommitBatch();
        receipt.Receipts.Add(new KeptReceipt(ReceiptOf($"{Id}.1.sms.chief", NotificationState.Delivered), IsLate: false));
        _ledger.Commit([batch, receipt]);
        var store = new OutboxStore(new Contexts(_data.AlarmsFile));

        Assert.Equal(0, await store.TrimAsync(Now, 10, CancellationToken.None));
        Assert.Equal(1, await store.TrimAsync(Now.AddMilliseconds(1), 10, CancellationToken.None));
        Assert.Equal("city", Rows().Single().Recipient);
    }

    private CommitBatch Press(string? id = null)
    {
        var signal = new Signal { DeviceId = "d", Id = id ?? $"s{++_ids}", Kind = SignalKind.Button, ReceivedAt = Now };
        var input = new TriageInput.FromDevice(signal, new DeviceFacts("d", DeviceKinds.EmergencyButton, "home-1", "r-1"));
        var result = TriageEngine.Step(_site, input, Now, RuleBook.Default);
        var batch = new CommitBatch();
        batch.Add(_site, input, new StepMark(Now, RuleBook.Default), result);
        _site = result.State;
        return batch;
    }

    private static Notice Escalated(int version, params ImmutableArray<Recipient> recipients) =>
        new(Id, "home-1", version, Now, NoticeKind.Escalated, EscalationTarget.Supervisor, recipients);

    private static Receipt ReceiptOf(string key, NotificationState state) => new(key, Id, state, Now, 3, "http_200", "sms:supervisor ***:x");

    private List<OutboxRow> Rows()
    {
        using var context = AlarmLedger.CreateContext(_data.AlarmsFile);
        return [.. context.Outbox.AsNoTracking().OrderBy(row => row.Position)];
    }

    private sealed class Contexts(string file) : IDbContextFactory<AlarmsContext>
    {
        public AlarmsContext CreateDbContext() => AlarmLedger.CreateContext(file);
    }
}
