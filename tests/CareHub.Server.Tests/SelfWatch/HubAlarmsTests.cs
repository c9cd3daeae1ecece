using CareHub.Server.SelfWatch;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.SelfWatch;

/// <summary>The hub's own faults stand in the same queue, once, for those who see everything.</summary>
public sealed class HubAlarmsTests : IAsyncLifetime
{
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync();

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    private HubAlarms Alarms => _hub.Services.GetRequiredService<HubAlarms>();

    [Fact]
    public async Task A_fault_is_one_alarm_however_often_it_is_said_and_is_over_when_it_is_well()
    {
        await Alarms.RaiseAsync(HubSite.Certificate, "disk_full");
        await Alarms.RaiseAsync(HubSite.Certificate, "disk_full");
        await _hub.RestartAsync();
        await Alarms.RaiseAsync(HubSite.Certificate, "disk_full");
        Assert.Equal((1, "disk_full"), (_hub.OpenAlarms().Alarms.Single().Count, _hub.OpenAlarms().Alarms.Single().Zone));

        await Alarms.RaiseAsync(HubSite.Certificate, "disk_failing");
        Assert.Equal((2, "disk_failing"), (_hub.OpenAlarms().Alarms.Single().Count, _hub.OpenAlarms().Alarms.Single().Zone));

        await _hub.RestartAsync();
        await Alarms.ClearAsync(HubSite.Certificate);
        await Alarms.ClearAsync(HubSite.Certificate);
        Assert.NotNull(_hub.OpenAlarms().Alarms.Single().ClosedAt);
    }

    [Fact]
    public async Task What_could_not_be_kept_is_said_again()
    {
        _hub.Ledger.Fail(true);
        await Assert.ThrowsAsync<IOException>(() => Alarms.RaiseAsync(HubSite.Certificate, "disk_full"));
        _hub.Ledger.Fail(false);
        await Alarms.RaiseAsync(HubSite.Certificate, "disk_full");
        Assert.Single(_hub.OpenAlarms().Alarms);
    }

    [Fact]
    public async Task Only_who_sees_everything_sees_it()
    {
        await Alarms.RaiseAsync(HubSite.Certificate, CertificateWatch.ExpiresSoon);

        await using var everything = await _hub.ConsoleAsync();
        var shown = Assert.Single((await everything.GetAsync("/api/v1/alarms"))["items"]!.AsArray())!;
        Assert.Equal(("hub", HubSite.PartKind, CertificateWatch.ExpiresSoon), ((string)shown["site"]!["kind"]!, (string)shown["device"]!["kind"]!, (string)shown["place"]!));
        await using var north = await _hub.ConsoleAsync("north");
        Assert.Empty((await north.GetAsync("/api/v1/alarms"))["items"]!.AsArray());
    }

    [Fact]
    public Task A_part_that_there_is_not_is_a_mistake_of_the_caller() => Assert.ThrowsAsync<ArgumentException>(() => Alarms.RaiseAsync("hub-moon", "full"));
}
