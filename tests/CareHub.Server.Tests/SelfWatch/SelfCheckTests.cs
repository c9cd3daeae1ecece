using System.Net;
using System.Net.Sockets;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Server.Bridge;
using CareHub.Server.Push;
using CareHub.Server.Security;
using CareHub.Server.SelfWatch;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.SelfWatch;

/// <summary>Promise 5: an empty desk is an alarm.</summary>
public sealed class SelfCheckTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync(_time, staffed: false);

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task A_desk_that_is_empty_for_a_minute_is_an_alarm_once_and_one_that_nobody_hears_another_reason()
    {
        var check = _hub.Services.GetRequiredService<SelfCheck>();
        await check.LookAsync();
        _time.Advance(TimeSpan.FromSeconds(59));
        await check.LookAsync();
        Assert.Empty(_hub.OpenAlarms().Alarms);

        _time.Advance(TimeSpan.FromSeconds(1));
        await check.LookAsync();
        await check.LookAsync();
        Assert.Equal(("desk_empty", SignalKind.Fault, true), Facts());

        var desk = _hub.Services.GetRequiredService<ConsoleBook>().Add("desk", new Caller("li", "李强", Roles.Operator, RegistryStore.RootRegionId));
        await check.LookAsync();
        Assert.Equal("desk_inaudible", Facts().Zone);

        desk.Audio = new(Ok: true, Confirmed: true);
        await check.LookAsync();
        Assert.False(Facts().Active);
    }

    [Fact]
    public async Task A_bridge_that_is_down_for_a_minute_is_an_alarm()
    {
        await using var hub = await TestHub.StartAsync(_time, options => options.Bridges.Add(new BridgeOptions { Name = "nobody", Url = $"mqtt://127.0.0.1:{ClosedPort()}" }));
        var check = hub.Services.GetRequiredService<SelfCheck>();
        await check.LookAsync();
        _time.Advance(TimeSpan.FromSeconds(59));
        await check.LookAsync();
        Assert.Empty(hub.OpenAlarms().Alarms.Where(alarm => alarm.DeviceId == HubSite.Bridge));

        _time.Advance(TimeSpan.FromSeconds(1));
        await check.LookAsync();
        var alarm = hub.OpenAlarms().Alarms.Single(alarm => alarm.DeviceId == HubSite.Bridge);
        Assert.Equal(("bridge_down", Priority.High), (alarm.Zone, alarm.Priority));
    }

    /// <summary>A port that was free a moment ago, and that nobody listens on.</summary>
    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private (string? Zone, SignalKind Kind, bool Active) Facts()
    {
        var alarm = _hub.OpenAlarms().Alarms.Single(each => each.DeviceId == HubSite.Duty);
        Assert.Equal(Priority.High, alarm.Priority);
        return (alarm.Zone, alarm.Kind, alarm.Active);
    }
}
