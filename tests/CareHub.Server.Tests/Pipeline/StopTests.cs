using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Pipeline;

/// <summary>SIGTERM to the real process: it ends in good order, by itself.</summary>
public sealed class StopTests : IDisposable
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"carehub-stop-{Guid.NewGuid():N}");

    public StopTests() => TestWorld.Create(_data);

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_hub_that_is_told_to_end_does_and_keeps_what_it_acknowledged()
    {
        await using var first = await HubProcess.StartAsync(_data);
        var (exit, output) = await Mosquitto.PublishAsync(
            first.MqttPort, "-u", TestWorld.Button, "-P", TestHub.Secret, "-t", $"care/v1/{TestWorld.Button}/signal", "-q", "1", "-m", """{"id":"1","type":"button"}""");
        Assert.True(exit == 0, output);

        // 143 is the parser's word for a command that had to be given up.
        Assert.Equal(0, await first.TerminateAsync());

        await using var second = await HubProcess.StartAsync(_data);
        await using var console = await TestConsole.SignInAsync(second.Url, "operator", TestHub.Password);
        Assert.Equal("home-1.1", (string?)Assert.Single((await console.GetAsync("/api/v1/alarms"))["items"]!.AsArray())!["id"]);
        Assert.Equal(0, await second.TerminateAsync());
    }
}
