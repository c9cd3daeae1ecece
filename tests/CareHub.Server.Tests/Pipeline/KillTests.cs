using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Pipeline;

/// <summary>kill -9 of the real process: nothing acknowledged is lost, nothing is applied twice.</summary>
public sealed class KillTests : IAsyncLifetime
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"carehub-kill-{Guid.NewGuid():N}");

    public Task InitializeAsync()
    {
        TestWorld.Create(_data);
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_data, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_press_acknowledged_just_before_the_kill_is_there_once_and_the_console_gets_it()
    {
        await using var first = await HubProcess.StartAsync(_data);
        var (exit, output) = await PressAsync(first.MqttPort);
        Assert.True(exit == 0, output);
        await first.KillAsync();

        await using var second = await HubProcess.StartAsync(_data, first.HttpPort, first.MqttPort);
        await using var console = await TestConsole.SignInAsync(second.Url, "operator", TestHub.Password);
        await console.ConnectAsync();
        var snapshot = await console.InvokeAsync("Subscribe", [null]);
        Assert.Equal("home-1.1", (string?)Assert.Single(snapshot["alarms"]!.AsArray())!["id"]);

        // The device did not live to see the acknowledgement, say: it sends the same signal again.
        await PressAsync(second.MqttPort);
        var alarm = Assert.Single((await console.GetAsync("/api/v1/alarms"))["items"]!.AsArray())!;
        Assert.Equal(1, (int)alarm["count"]!);
        var timeline = (await console.GetAsync("/api/v1/alarms/home-1.1"))["timeline"]!.AsArray();
        Assert.Single(timeline, entry => (string)entry!["event"]! == "raised");
        Assert.DoesNotContain(timeline, entry => (string)entry!["event"]! == "repeated");
    }

    private static Task<(int ExitCode, string Output)> PressAsync(int port) => Mosquitto.PublishAsync(
        port, "-u", TestWorld.Button, "-P", TestHub.Secret, "-t", $"care/v1/{TestWorld.Button}/signal", "-q", "1", "-m", """{"id":"01J0000001","type":"button"}""");
}
