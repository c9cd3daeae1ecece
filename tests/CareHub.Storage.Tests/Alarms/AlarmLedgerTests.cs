using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Silences;
using CareHub.Core.Triage;
using CareHub.Storage.Alarms;
using CareHub.Storage.Alarms.Verification;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Tests.Alarms;

public sealed class AlarmLedgerTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly Author LiQiang = new(AuthorKind.User, "li.qiang", "李强");

    private readonly DataDirectory _data = DataDirectory.Open(Path.Combine(Path.GetTempPath(), $"carehub-ledger-{Guid.NewGuid():N}"));
    private readonly RuleBook _rules = RuleBook.Default;
    private SiteState _site = new() { SiteId = "home-1" };
    private int _ids;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_data.Root, recursive: true);
    }

    private CommitBatch Step(SignalKind kind, string? id = null, SignalSource source = SignalSource.Device, CommitBatch? into = null)
    {
        var signal = new Signal { DeviceId = "d", Id = id ?? $"s{++_ids}", Kind = kind, ReceivedAt = Now, Source = source, Zone = "卧室", Raw = new byte[] { 1, 2, 3 } };
        return Step(new TriageInput.FromDevice(signal, new DeviceFacts("d", DeviceKinds.EmergencyButton, "home-1", "r-1") { GatewayId = "gw", RegionPath = ["all", "north"] }), into);
    }

    private CommitBatch Step(AlarmCommand command) => Step(new TriageInput.FromPerson(command));

    private CommitBatch Step(TriageInput input, CommitBatch? into = null)
    {
        var result = TriageEngine.Step(_site, input, Now, _rules);
        var batch = into ?? new CommitBatch();
        batch.Add(_site, input, new StepMark(Now, _rules), result);
        _site = result.State;
        return batch;
    }

    [Fact]
    public void An_alarm_that_closes_makes_room_for_the_next_of_its_device_in_the_same_transaction()
    {
        using (var ledger = AlarmLedger.Open(_data))
        {
            var batch = new CommitBatch();
            foreach (var kind in new[] { SignalKind.LowBattery, SignalKind.LowBattery, SignalKind.Restore, SignalKind.LowBattery })
            {
                Step(kind, into: batch);
            }

            ledger.Commit([batch]);
            ledger.Commit([Step(SignalKind.LowBattery)]);
        }

        using var reopened = AlarmLedger.Open(_data);
        var alarm = Assert.Single(Assert.Single(reopened.LoadSites()).Value.Open).Value;
        Assert.Equal(("home-1.2", 2), (alarm.Id, alarm.Count));
        Assert.Empty(AlarmVerifier.Run(_data.AlarmsFile).Findings);
    }

    [Fact]
    public void Rows_that_a_rebuilt_file_has_moved_are_found_again()
    {
        using var ledger = AlarmLedger.Open(_data);
        ledger.Commit([Step(SignalKind.Fall)]);
        ledger.Commit([Step(SignalKind.Smoke)]);
        using (var other = SqliteFile.OpenUnpooledWriter(_data.AlarmsFile))
        {
            SqliteFile.Execute(other, "UPDATE alarms SET rowid = rowid + 1000; UPDATE alarms SET rowid = 1003 - rowid");
        }

        ledger.Commit([Step(SignalKind.Fall)]);

        using var context = AlarmLedger.CreateContext(_data.AlarmsFile);
        Assert.Equal([(SignalKind.Fall, 2), (SignalKind.Smoke, 1)], context.Alarms.OrderBy(alarm => alarm.Number).Select(alarm => ValueTuple.Create(alarm.Kind, alarm.Count)).ToList());
    }

    [Fact]
    public void What_was_committed_is_what_a_restart_finds()
    {
        using (var ledger = AlarmLedger.Open(_data))
        {
            ledger.Commit([Step(SignalKind.Fall)]);
            ledger.Commit([Step(SignalKind.Offline), Step(new AlarmCommand.Acknowledge("home-1.1", 1, LiQiang))]);
            ledger.Commit([Step(new AlarmCommand.Claim("home-1.1", 2, LiQiang)), Step(new AlarmCommand.Seen("home-1.1", 0, LiQiang)), Step(SignalKind.Smoke)]);
            ledger.Commit([Step(SignalKind.BedExit), Step(new AlarmCommand.Dispatch("home-1.1", 4, LiQiang, "carer", "陈芳"))]);
            ledger.Commit([Step(new AlarmCommand.Shelve("d", null, LiQiang, "mattress", Now.AddHours(1))), Step(new AlarmCommand.BeginMaintenance(MaintenanceMode.OutOfService, "x", LiQiang, "renovation", Now.AddDays(1)))]);
        }

        using var reopened = AlarmLedger.Open(_data);
        var found = Assert.Single(reopened.LoadSites()).Value;
        Assert.Equal(_site.LastNumber, found.LastNumber);
        Assert.Equal(_site.Open.Values.OrderBy(alarm => alarm.Number), found.Open.Values.OrderBy(alarm => alarm.Number));
        Assert.Equal(Facts(_site.Pending.Values), Facts(found.Pending.Values));
        Assert.Equal(SiteMemoryJson.Write(_site.Memory), SiteMemoryJson.Write(found.Memory));

        static IEnumerable<object> Facts(IEnumerable<PendingAlarm> pending) =>
            pending.Select(each => (each.Key, each.Device.Kind, each.Device.GatewayId, string.Join('/', each.Device.RegionPath), each.OccurredAt, each.DueAt)).Cast<object>();
    }

    [Fact]
    public async Task A_start_that_was_killed_in_the_middle_of_a_migration_does_not_stop_the_next()
    {
        AlarmLedger.Open(_data).Dispose();
        using (var connection = new SqliteConnection($"Data Source={_data.AlarmsFile};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """
                DELETE FROM __EFMigrationsHistory WHERE MigrationId LIKE '%_Outbox';
                DROP TABLE outbox;
                CREATE TABLE IF NOT EXISTS __EFMigrationsLock (Id INTEGER PRIMARY KEY, Timestamp TEXT NOT NULL);
                INSERT OR REPLACE INTO __EFMigrationsLock (Id, Timestamp) VALUES (1, '2026-11-22 00:00:00');
                """;
            command.ExecuteNonQuery();
        }

        var opening = Task.Run(() => AlarmLedger.Open(_data));
        using var ledger = await opening.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void A_closed_alarm_stays_in_the_record_with_all_it_was()
    {
        using var ledger = AlarmLedger.Open(_data);
        ledger.Commit([Step(SignalKind.Button), Step(new AlarmCommand.Resolve("home-1.1", 1, LiQiang, Disposition.Real, "helped up"))]);

        Assert.Empty(Assert.Single(ledger.LoadSites()).Value.Open);
        using var context = AlarmLedger.CreateContext(_data.AlarmsFile);
        var alarm = context.Alarms.AsNoTracking().Single().ToAlarm();
        Assert.Equal((AlarmState.Closed, Disposition.Real, LiQiang), (alarm.State, alarm.Disposition, alarm.ClosedBy));
    }

    [Fact]
    public void A_batch_is_kept_whole_or_not_at_all()
    {
        using var ledger = AlarmLedger.Open(_data);
        ledger.Commit([Step(SignalKind.Button, id: "same")]);
        var before = _site;

        // The second batch of the group repeats a signal id, which the table refuses: the first must not stay behind.
        Assert.Throws<SqliteException>(() => ledger.Commit([Step(SignalKind.Smoke), Step(SignalKind.Heat, id: "same")]));

        using var context = AlarmLedger.CreateContext(_data.AlarmsFile);
        Assert.Equal((1, 1, 1), (context.Alarms.Count(), context.Signals.Count(), context.Timeline.Count()));

        // And the writer goes on, its chain unbroken.
        _site = before;
        ledger.Commit([Step(SignalKind.Smoke)]);
        Assert.Equal(2, context.Alarms.Count());
        AssertChain();
        Assert.Empty(AlarmVerifier.Run(_data.AlarmsFile).Findings);
    }

    [Fact]
    public void A_condition_that_comes_goes_and_comes_within_a_group_is_pending_once()
    {
        using var ledger = AlarmLedger.Open(_data);
        ledger.Commit([Step(SignalKind.Offline), Step(SignalKind.Online), Step(SignalKind.Offline), Step(SignalKind.Online)]);

        using var context = AlarmLedger.CreateContext(_data.AlarmsFile);
        Assert.Empty(context.Pending);
    }

    [Fact]
    public void The_index_knows_what_was_kept()
    {
        using var ledger = AlarmLedger.Open(_data);
        using var index = ledger.OpenIndex();
        Assert.False(index.Contains("d", "a"));

        ledger.Commit([Step(SignalKind.Button, id: "a")]);

        Assert.True(index.Contains("d", "a"));
        Assert.False(index.Contains("other", "a"));
    }

    [Fact]
    public void The_timeline_is_a_chain_across_restarts()
    {
        using (var ledger = AlarmLedger.Open(_data))
        {
            ledger.Commit([Step(SignalKind.Button), Step(SignalKind.Button)]);
        }

        using (var ledger = AlarmLedger.Open(_data))
        {
            ledger.Commit([Step(new AlarmCommand.AddNote("home-1.1", 0, LiQiang, "note"))]);
        }

        AssertChain();
    }

    [Theory]
    [InlineData("UPDATE timeline SET note = 'other' WHERE position = 2")]
    [InlineData("UPDATE timeline SET author_id = 'x' WHERE position = 1")]
    [InlineData("DELETE FROM timeline WHERE position = 2")]
    public void A_row_changed_or_taken_out_later_breaks_the_chain(string tampering)
    {
        using (var ledger = AlarmLedger.Open(_data))
        {
            ledger.Commit([Step(SignalKind.Button), Step(SignalKind.Button), Step(SignalKind.Button)]);
        }

        using (var context = AlarmLedger.CreateContext(_data.AlarmsFile))
        {
            context.Database.ExecuteSqlRaw(tampering);
        }

        Assert.Throws<Xunit.Sdk.EqualException>(AssertChain);
    }

    private void AssertChain()
    {
        using var context = AlarmLedger.CreateContext(_data.AlarmsFile);
        var hash = TimelineChain.Root;
        foreach (var row in context.Timeline.AsNoTracking().OrderBy(row => row.Position))
        {
            hash = TimelineChain.Next(hash, new TimelineEntry(row.AlarmId, row.Seq, UnixMs.ToTime(row.At), row.Event, new Author(row.AuthorKind, row.AuthorId, row.AuthorName), row.Reason, row.Note));
            Assert.Equal(Convert.ToHexString(hash), Convert.ToHexString(row.Hash));
        }
    }
}
