using CareHub.Mqtt.Client;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Pipeline;

/// <summary>A disk that fails or hangs: nothing is acknowledged, every console says so, and all is well again by itself.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TestHub _hub = null!;
    private TestConsole _console = null!;

    public async Task InitializeAsync()
    {
        _hub = await TestHub.StartAsync(_time);
        _console = await _hub.ConsoleAsync();
        await _console.ConnectAsync();
        await _console.InvokeAsync("Subscribe", [null]);
    }

    public async Task DisposeAsync()
    {
        await _console.DisposeAsync();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task A_failing_disk_is_on_every_console_and_the_device_keeps_its_signal_until_it_is_well()
    {
        Assert.Equal("", await TroubleAsync());
        _hub.Ledger.Fail(true);
        await using (var device = await _hub.DeviceAsync(TestWorld.Button))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => device.SignalAsync("""{"id":"1","type":"button"}"""));
        }

        await SaysAsync("commit_fails");
        Assert.Empty(_hub.OpenAlarms().Signals);

        _hub.Ledger.Fail(false);
        await using var again = await _hub.DeviceAsync(TestWorld.Button);
        Assert.True((await again.SignalAsync("""{"id":"1","type":"button"}""")).IsSuccess);
        await SaysAsync("");
        Assert.Single(_hub.OpenAlarms().Signals);
    }

    [Fact]
    public async Task A_commit_that_hangs_is_on_every_console_and_ends_with_the_acknowledgement()
    {
        _hub.Ledger.Hold();
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        var waiting = device.SignalAsync("""{"id":"1","type":"button"}""");
        await Eventually.True(() => _hub.Ledger.Arrived > 0, "the commit is under way");
        _time.Advance(TimeSpan.FromSeconds(4));

        await SaysAsync("commit_hangs");
        Assert.False(waiting.IsCompleted);

        _hub.Ledger.Release();
        Assert.True((await waiting).IsSuccess);
        await SaysAsync("");
    }

    [Fact]
    public async Task A_signal_that_triage_cannot_take_is_not_acknowledged_and_holds_up_nobody()
    {
        _hub.Ledger.Poison("1");
        _hub.Ledger.Hold();
        await using var other = await _hub.DeviceAsync(TestWorld.OtherButton);
        var first = other.SignalAsync("""{"id":"0","type":"button"}""");
        await Eventually.True(() => _hub.Ledger.Arrived > 0, "a commit is under way, so that what follows is one batch");
        await using var device = await _hub.DeviceAsync(TestWorld.Fall);
        var poison = device.SignalAsync("""{"id":"1","type":"fall"}""");
        await using var neighbour = await _hub.DeviceAsync(TestWorld.Button);
        var healthy = neighbour.SignalAsync("""{"id":"2","type":"button"}""");
        _hub.Ledger.Release();

        Assert.True((await first).IsSuccess);
        Assert.True((await healthy).IsSuccess);
        await Assert.ThrowsAnyAsync<Exception>(() => poison);
        Assert.Equal(["0", "2"], _hub.OpenAlarms().Signals.Select(signal => signal.SignalId).Order());

        // It is sent again, and taken once it can be.
        await using (var again = await _hub.DeviceAsync(TestWorld.Fall))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => again.SignalAsync("""{"id":"1","type":"fall"}"""));
        }

        await SaysAsync("triage_fails");
        _hub.Ledger.Poison(null);
        await using var well = await _hub.DeviceAsync(TestWorld.Fall);
        Assert.True((await well.SignalAsync("""{"id":"1","type":"fall"}""")).IsSuccess);
        await SaysAsync("");
        Assert.Equal(3, _hub.OpenAlarms().Signals.Count());
    }

    /// <summary>Heartbeats come as fast as the test's clock goes.</summary>
    private async Task SaysAsync(string trouble)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        while (await TroubleAsync() != trouble)
        {
            Assert.False(patience.IsCancellationRequested, $"no heartbeat said '{trouble}'");
        }
    }

    private async Task<string> TroubleAsync()
    {
        var next = _console.NextAsync("heartbeat");
        while (!next.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(next, Task.Delay(20, CancellationToken.None));
        }

        return string.Join(',', (await next)["trouble"]!.AsArray().Select(each => (string)each!));
    }
}
