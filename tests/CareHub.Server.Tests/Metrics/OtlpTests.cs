using System.Text;
using CareHub.Mqtt.Client;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Metrics;

/// <summary>The real executable, configured by OpenTelemetry's own variables, and a collector that takes what comes (OTLP over HTTP, protobuf).</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task Metrics_and_a_trace_of_a_press_arrive_at_the_collector()
    {
        await using var collector = new HttpReceiver();
        var directory = Directory.CreateTempSubdirectory("carehub-otlp-").FullName;
        TestWorld.Create(directory);
        await using (var hub = await HubProcess.StartAsync(directory, settings: new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{collector.Port}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            ["OTEL_TRACES_SAMPLER"] = "always_on",
        }))
        {
            await using var console = await TestConsole.SignInAsync(hub.Url, "operator", TestHub.Password);
            await console.ConnectAsync();
            await console.InvokeAsync("Subscribe", [null]);
            await using var device = await MqttClient.ConnectAsync(new MqttClientOptions { Port = hub.MqttPort, ClientId = TestWorld.Button, Username = TestWorld.Button, Password = TestHub.Secret });
            await device.SignalAsync("""{"id":"1","type":"button"}""");

            await ArrivedAsync(collector, "/v1/metrics", "carehub.signals.received", "carehub.signal.acknowledgement.duration", "carehub.queue.depth", "dotnet.process.cpu.time", "http.server.request.duration", "service.name", "carehub");
            await ArrivedAsync(collector, "/v1/traces", "signal", "receive", "triage", "commit", "push", "carehub.signal.kind", "button", "rule:button", TestWorld.Button);
            Assert.All(collector.Received, request => Assert.Equal("application/x-protobuf", request.Headers["Content-Type"]));
            Assert.DoesNotContain(collector.Received, request => request.Text.Contains("王桂英", StringComparison.Ordinal) || request.Text.Contains(TestHub.Secret, StringComparison.Ordinal));
        }

        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Without a collector the SDK is not there at all; with one that is away the hub goes on.</summary>
    [Fact]
    public async Task A_collector_that_is_away_changes_nothing_for_a_device()
    {
        var directory = Directory.CreateTempSubdirectory("carehub-otlp-").FullName;
        TestWorld.Create(directory);
        await using (var hub = await HubProcess.StartAsync(directory, settings: new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{HubProcess.FreePort()}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
            ["OTEL_TRACES_SAMPLER"] = "always_on",
        }))
        {
            await using var device = await MqttClient.ConnectAsync(new MqttClientOptions { Port = hub.MqttPort, ClientId = TestWorld.Button, Username = TestWorld.Button, Password = TestHub.Secret });
            for (var n = 0; n < 20; n++)
            {
                Assert.True((await device.SignalAsync($$"""{"id":"{{n}}","type":"button"}""")).IsSuccess);
            }
        }

        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Protobuf keeps strings as they are.</summary>
    private static async Task ArrivedAsync(HttpReceiver collector, string path, params string[] words) => await Eventually.Value(
        () =>
        {
            var all = string.Concat(collector.Received.Where(request => request.Path == path).Select(request => Encoding.UTF8.GetString(request.Body)));
            return Task.FromResult(words.All(word => all.Contains(word, StringComparison.Ordinal)) ? all : null);
        },
        $"the collector has {string.Join(", ", words)} at {path}");
}
