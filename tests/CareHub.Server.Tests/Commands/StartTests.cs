using System.Net;
using System.Net.Sockets;
using CareHub.Server.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;

namespace CareHub.Server.Tests.Commands;

/// <summary>A start that does not come about says why, and nothing else.</summary>
public sealed class StartTests : IDisposable
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"carehub-start-{Guid.NewGuid():N}");

    public StartTests() => TestWorld.Create(_data);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_data, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_port_that_is_taken_is_the_only_thing_that_is_reported(bool isMqtt)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;
        var (exit, output) = await HubProcess.RunAsync(HubProcess.Settings(_data, isMqtt ? 0 : taken, isMqtt ? taken : 0), "serve");

        Assert.Equal(1, exit);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains($":{taken}", Assert.Single(lines, line => line.StartsWith("CareHub cannot start: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.Contains("Exception", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hub_that_is_told_to_end_before_it_listens_ends_and_that_is_no_failure()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var hub = await HubApp.BuildAsync(builder, new() { DataDirectory = _data, Mqtt = { Listen = "127.0.0.1:0" } }, TimeProvider.System, TextWriter.Null);

        Assert.False(await hub.StartAsync(new CancellationToken(canceled: true)));
        Assert.Empty(hub.MqttEndpoints);
    }
}
