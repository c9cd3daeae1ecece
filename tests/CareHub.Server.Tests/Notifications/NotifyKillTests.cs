using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Notifications;

/// <summary>kill -9 between the sending and its receipt: it comes again, and the receiver can tell by the key.</summary>
public sealed class NotifyKillTests : IAsyncLifetime
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"carehub-notify-{Guid.NewGuid():N}");

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
    public async Task A_hub_killed_after_the_sending_sends_again_with_the_same_key_and_then_no_more()
    {
        await using var receiver = new HttpReceiver { Answer = number => number == 0 ? HttpReceiver.Hang() : HttpReceiver.Ok() };
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["CareHub__Notify__Sms__Url"] = receiver.Url,
            ["CareHub__Notify__Sms__Headers__Authorization"] = "Bearer of-the-gateway",
            ["CareHub__Notify__Recipients__0__Name"] = "li",
            ["CareHub__Notify__Recipients__0__Channel"] = "sms",
            ["CareHub__Notify__Recipients__0__To"] = "+8613800000001",
        };
        await using (var first = await HubProcess.StartAsync(_data, settings: settings))
        {
            var (exit, output) = await Mosquitto.PublishAsync(
                first.MqttPort, "-u", TestWorld.Button, "-P", TestHub.Secret, "-t", $"care/v1/{TestWorld.Button}/signal", "-q", "1", "-m", """{"id":"1","type":"button"}""");
            Assert.True(exit == 0, output);
            await receiver.CountAsync(1);
            await first.KillAsync();
        }

        await using var second = await HubProcess.StartAsync(_data, settings: settings);
        await receiver.CountAsync(2);
        await using var console = await TestConsole.SignInAsync(second.Url, "supervisor", TestHub.Password);
        await Eventually.Value(
            async () => (await console.GetAsync("/api/v1/notifications?alarm=home-1.1"))[0] is { } row && (string)row["state"]! == "delivered" ? row : null, "the receipt is kept");
        Assert.Equal(["home-1.1.2.sms.li", "home-1.1.2.sms.li"], receiver.Received.Take(2).Select(request => request.Key));
        Assert.All(receiver.Received, request => Assert.Equal("Bearer of-the-gateway", request.Headers["Authorization"]));
    }
}
