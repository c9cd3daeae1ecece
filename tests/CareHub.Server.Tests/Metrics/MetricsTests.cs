using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using CareHub.Server.Configuration;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Metrics;

/// <summary>What Prometheus reads of a running hub.</summary>
public sealed class MetricsTests
{
    private const string Token = "a-token-for-tests";

    [Fact]
    public async Task Nobody_reads_metrics_without_the_token()
    {
        await using var hub = await TestHub.StartAsync(configure: Allow);
        using var http = new HttpClient { BaseAddress = hub.Url };

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/metrics")).StatusCode);
        foreach (var wrong in new[] { "", "wrong", Token + "x", Hash(Token) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", wrong) } };
            using var answer = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        }

        // Nor does a person who sees one region: metrics tell of all.
        await using var console = await hub.ConsoleAsync("admin");
        Assert.Equal(HttpStatusCode.Unauthorized, (await console.Http.GetAsync("/metrics")).StatusCode);
    }

    [Fact]
    public async Task Without_a_configured_token_there_are_no_metrics()
    {
        await using var hub = await TestHub.StartAsync();
        using var http = new HttpClient { BaseAddress = hub.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", "");

        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/metrics")).StatusCode);
    }

    [Fact]
    public async Task A_press_is_followed_from_the_socket_to_the_answer_of_a_person()
    {
        await using var hub = await TestHub.StartAsync(configure: Allow);
        await using var console = await hub.ConsoleAsync();
        await console.ConnectAsync();
        await console.InvokeAsync("Subscribe", [null]);
        await using var device = await hub.DeviceAsync(TestWorld.Button);

        await device.SignalAsync("""{"id":"1","type":"button"}""");
        await device.SignalAsync("""{"id":"1","type":"button"}""");
        await device.SignalAsync("""{"id":"2","type":"button"}""");
        await device.SignalAsync("not json");
        await console.NextAsync("delta");
        await console.InvokeAsync("Seen", [new[] { "home-1.1" }]);
        await console.PostAsync("/api/v1/alarms/home-1.1/acknowledge", new { version = 3 });

        var text = await ScrapeAsync(hub);
        Assert.Equal(3, text["carehub_signals_received_total"]);
        Assert.Equal(1, text["carehub_signals_redelivered_total"]);
        Assert.Equal(1, text["carehub_messages_refused_total{reason=\"quarantined\"}"]);
        Assert.Equal(1, text["carehub_triage_decisions_total{kind=\"button\",outcome=\"raised\"}"]);
        Assert.Equal(1, text["carehub_triage_decisions_total{kind=\"button\",outcome=\"repeated\"}"]);
        Assert.Equal(1, text["carehub_triage_reasons_total{reason=\"rule\"}"]);
        Assert.Equal(1, text["carehub_triage_reasons_total{reason=\"deduplicated\"}"]);
        Assert.Equal(1, text["carehub_alarm_events_total{event=\"acknowledged\",priority=\"critical\"}"]);
        Assert.Equal(1, text["carehub_alarms_open{state=\"acknowledged\",priority=\"critical\"}"]);
        Assert.Equal(0, text["carehub_alarms_open{state=\"unacknowledged\",priority=\"critical\"}"]);
        Assert.Equal(3, text["carehub_signal_acknowledgement_duration_seconds_count"]);
        Assert.Equal(1, text["carehub_press_push_duration_seconds_count"]);
        Assert.Equal(1, text["carehub_press_sighting_duration_seconds_count{priority=\"critical\"}"]);
        Assert.Equal(1, text["carehub_alarm_acknowledgement_duration_seconds_count{priority=\"critical\"}"]);
        // A commit may fall between the two being read; then they are read again.
        await Eventually.Value(async () => await ScrapeAsync(hub) is var read && read["carehub_commits_total"] == read["carehub_commit_duration_seconds_count"] ? read : null, "each commit has its duration");
        Assert.InRange(text["carehub_commits_total"], 4, 7); // with the one that remembers the rules in force
        Assert.Equal(1, text["carehub_mqtt_connections"]);
        Assert.Equal(2, text["carehub_consoles"]);
        Assert.True(text["process_uptime_seconds"] > 0);
        Assert.Contains(text.Samples.Keys, series => series.StartsWith("dotnet_process_cpu_time_seconds_total", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_could_not_be_committed_is_counted_and_not_measured_as_if_it_had_been()
    {
        await using var hub = await TestHub.StartAsync(configure: Allow);
        await using var device = await hub.DeviceAsync(TestWorld.Button);
        hub.Ledger.Fail(failing: true);
        await Assert.ThrowsAnyAsync<Exception>(() => device.SignalAsync("""{"id":"1","type":"button"}"""));

        var text = await ScrapeAsync(hub);
        Assert.True(text["carehub_commits_failed_total"] > 0);
        Assert.Equal(1, text["carehub_trouble{trouble=\"commit_fails\"}"]);
        Assert.Equal(0, text["carehub_triage_decisions_total{kind=\"button\",outcome=\"raised\"}"]);
        Assert.True(text["carehub_log_events_total{level=\"error\",event=\"2001\"}"] > 0);
    }

    [Fact]
    public async Task No_label_names_a_device_a_site_or_a_person()
    {
        await using var hub = await TestHub.StartAsync(configure: Allow);
        await using var console = await hub.ConsoleAsync();
        await console.ConnectAsync();
        await console.InvokeAsync("Subscribe", [null]);
        await using var device = await hub.DeviceAsync(TestWorld.Button);
        await device.SignalAsync("""{"id":"1","type":"button"}""");
        await Assert.ThrowsAnyAsync<Exception>(() => hub.DeviceAsync("stranger"));
        await console.GetAsync("/api/v1/alarms/home-1.1");

        var text = await RawAsync(hub);
        foreach (var name in new[] { TestWorld.Button, "home-1", "王桂英", "stranger", "operator", "北社区", "127.0.0.1" })
        {
            Assert.DoesNotContain(name, text, StringComparison.Ordinal);
        }

        Assert.Contains("carehub_connects_refused_total{reason=\"bad_user_name_or_password\"} 1", text, StringComparison.Ordinal);
    }

    internal static void Allow(HubOptions options) => options.Metrics.TokenSha256 = Hash(Token);

    internal static async Task<ScrapedText> ScrapeAsync(TestHub hub) => ScrapedText.Parse(await RawAsync(hub));

    internal static async Task<string> RawAsync(TestHub hub)
    {
        using var http = new HttpClient { BaseAddress = hub.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        using var answer = await http.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        return await answer.Content.ReadAsStringAsync();
    }

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
