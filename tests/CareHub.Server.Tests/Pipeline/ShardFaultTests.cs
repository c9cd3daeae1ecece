using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Server.Pipeline;
using CareHub.Server.Tests.Support;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Server.Tests.Pipeline;

/// <summary>Memory runs out between the commit and the acknowledgement: the shard may neither end nor forget what is on disk.</summary>
public sealed class ShardFaultTests : IDisposable
{
    private static readonly DeviceFacts Button = new("btn-1", DeviceKinds.EmergencyButton, "home-1", null) { RegionPath = ["all"] };
    private readonly string _folder = Directory.CreateTempSubdirectory("carehub-shard-").FullName;

    [Fact]
    public async Task A_shard_that_runs_out_of_memory_behind_its_commit_says_so_and_goes_on_with_what_is_on_disk()
    {
        using var ledger = AlarmLedger.Open(DataDirectory.Open(_folder));
        var left = int.MaxValue;
#pragma warning disable MA0012 // as the runtime throws it
        RuleBook Rules() => Interlocked.Decrement(ref left) is < 0 and > -4 ? throw new InsufficientMemoryException("the test says that memory has run out") : RuleBook.Default;
#pragma warning restore MA0012
        await using var pipeline = new TriagePipeline(ledger, ledger.LoadSites(), Rules, _ => true, (_, _) => [], TimeProvider.System, _ => { }, NullLoggerFactory.Instance);
        pipeline.Start();

        // The rules are asked for once by the step, and then for the site's next deadline, behind the commit.
        Volatile.Write(ref left, 1);
        var pressed = pipeline.SignalAsync(Press("1"), Button);
        await Eventually.True(() => pipeline.IsFailing || pressed.IsCompleted, "the shard says that it fails");
        Assert.False(pressed.IsCompleted);

        Assert.Equal("home-1.1", (await pressed.WaitAsync(Eventually.Patience)).AlarmId);
        var again = await pipeline.SignalAsync(Press("2"), Button).WaitAsync(Eventually.Patience);
        Assert.Equal("home-1.1", again.AlarmId);
        Assert.Equal(2, ledger.LoadSites()["home-1"].Open.Values.Single().Count);
        Assert.False(pipeline.IsFailing);
    }

    [Fact]
    public async Task What_follows_from_a_press_may_fail_and_the_press_is_kept_once()
    {
        using var ledger = AlarmLedger.Open(DataDirectory.Open(_folder));
        var asked = 0;
#pragma warning disable MA0012 // as the runtime throws it
        bool IsStaffed(string siteId) => Interlocked.Increment(ref asked) == 2 ? throw new InsufficientMemoryException("the test says that memory has run out") : true;
#pragma warning restore MA0012
        await using var pipeline = new TriagePipeline(ledger, ledger.LoadSites(), () => RuleBook.Default, IsStaffed, (_, _) => [], TimeProvider.System, _ => { }, NullLoggerFactory.Instance);
        pipeline.Start();

        var pressed = await pipeline.SignalAsync(Press("1"), Button).WaitAsync(Eventually.Patience);

        Assert.Equal("home-1.1", pressed.AlarmId);
        Assert.True(asked >= 2);
        await Eventually.True(() => pipeline.IsFailing, "the shard says that something failed");
        Assert.True((await pipeline.SignalAsync(Press("1"), Button).WaitAsync(Eventually.Patience)).Redelivered);
        Assert.Equal(1, ledger.LoadSites()["home-1"].Open.Values.Single().Count);
    }

    private static Signal Press(string id) => new() { DeviceId = Button.Id, Id = id, Kind = SignalKind.Button, ReceivedAt = TimeProvider.System.GetUtcNow() };

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
