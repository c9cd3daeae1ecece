using System.Text;
using System.Text.RegularExpressions;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Tests.Telemetry.Support;
using Eventually = CareHub.Storage.Tests.Telemetry.Support.Eventually;

namespace CareHub.Server.Tests.Metrics;

/// <summary>The dashboards that ship, against a real InfluxDB that a real hub has filled, and against a hub's own scrape.</summary>
public sealed partial class DashboardTests(InfluxdProcess influxd) : IClassFixture<InfluxdProcess>
{
    private const string InfluxDashboard = "deploy/grafana/carehub-influx.json";
    private const string HubDashboard = "deploy/grafana/carehub-hub.json";

    [Fact]
    public async Task InfluxDB_answers_every_query_of_the_dashboard()
    {
        const string Database = "dashboard";
        await using var hub = await TestHub.StartAsync(configure: options => options.Influx = influxd.Options(Database), staffed: false);
        await RespondAsync(hub);
        await Eventually.TrueAsync(async () => await CountAsync(Database, "readings", "value") == 2, "the readings are in InfluxDB");
        await Eventually.TrueAsync(async () => await CountAsync(Database, "events", "redeliveries") > 0, "the signal is in InfluxDB");
        await Eventually.TrueAsync(async () => await CountAsync(Database, "alarms", "to_closed_ms") == 1, "the end of the alarm is in InfluxDB");

        var queries = Dashboard.Queries(InfluxDashboard, "query");
        Assert.True(queries.Count > 15, "the dashboard has lost its panels");
        foreach (var (panel, query) in queries)
        {
            IReadOnlyList<System.Text.Json.JsonElement> rows = [];
            try
            {
                rows = await influxd.QueryAsync(Database, query);
            }
            catch (InvalidOperationException refusal)
            {
                Assert.Fail($"{panel}: {refusal.Message}: {query}");
            }

            Assert.True(rows.Count > 0, $"{panel} shows nothing: {query}");
        }

        foreach (var variable in Dashboard.Variables(InfluxDashboard))
        {
            Assert.NotEmpty(await influxd.QueryAsync(Database, variable));
        }
    }

    /// <summary>A field that is not written makes an empty panel and no error: what a query names must be documented.</summary>
    [Fact]
    public void Every_field_and_tag_of_a_query_is_one_that_the_hub_writes()
    {
        var document = RepositoryFile.Read("docs/influxdb.md");
        foreach (var (panel, query) in Dashboard.Queries(InfluxDashboard, "query"))
        {
            Assert.All(
                Identifier().Matches(query).Select(match => match.Groups["name"].Value).Where(name => !query.Contains($"AS \"{name}\"", StringComparison.Ordinal)),
                name => Assert.True(document.Contains($"`{name}`", StringComparison.Ordinal), $"{panel} names {name}"));
        }
    }

    [Fact]
    public async Task Every_metric_of_the_dashboard_is_in_a_scrape_and_its_queries_can_be_read()
    {
        await using var hub = await TestHub.StartAsync(configure: MetricsTests.Allow);
        var families = (await MetricsTests.ScrapeAsync(hub)).Families;
        var queries = Dashboard.Queries(HubDashboard, "expr");
        Assert.True(queries.Count > 30, "the dashboard has lost its panels");
        foreach (var (panel, query) in queries)
        {
            Assert.All(PromQl.MetricsOf(query), name => Assert.True(PromQl.Exists(name, families), $"{panel} names {name}"));
        }

        // As recording rules, promtool reads them.
        var rules = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
        foreach (var (_, query) in queries)
        {
            rules.Append($"      - record: panel:query\n        expr: '{query.Replace("'", "''", StringComparison.Ordinal)}'\n");
        }

        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, rules.ToString());
        var (exit, output) = await Promtool.RunAsync(null, "check", "rules", "--lint=none", file);
        File.Delete(file);
        Assert.True(exit == 0, output);
    }

    /// <summary>Grafana finds a dashboard again by its uid, and a panel by its number.</summary>
    [Theory]
    [InlineData(InfluxDashboard, "carehub-influx")]
    [InlineData(HubDashboard, "carehub-hub")]
    public void A_dashboard_has_a_stable_id_and_panels_that_do_not_overlap(string path, string uid)
    {
        var dashboard = Dashboard.Read(path);
        Assert.Equal(uid, (string?)dashboard["uid"]);
        var taken = new HashSet<(int, int)>();
        var ids = new HashSet<int>();
        foreach (var panel in dashboard["panels"]!.AsArray())
        {
            Assert.True(ids.Add((int)panel!["id"]!), "a panel's number is used twice");
            var place = panel["gridPos"]!;
            for (var x = (int)place["x"]!; x < (int)place["x"]! + (int)place["w"]!; x++)
            {
                for (var y = (int)place["y"]!; y < (int)place["y"]! + (int)place["h"]!; y++)
                {
                    Assert.True(x < 24 && taken.Add((x, y)), $"'{(string?)panel["title"]}' lies over another panel");
                }
            }
        }
    }

    /// <summary>A press that nobody is there for, and then everything that can be done about it.</summary>
    private static async Task RespondAsync(TestHub hub)
    {
        const string Alarm = "/api/v1/alarms/home-1.1";
        await using var device = await hub.DeviceAsync(TestWorld.Button);
        await device.SignalAsync("""{"id":"1","type":"button"}""");
        await device.PublishAsync($"care/v1/{TestWorld.Button}/reading", """{"values":{"heart_rate":71,"battery":9}}"""u8.ToArray(), 1);
        await using var console = await hub.ConsoleAsync();
        await using var carer = await hub.ConsoleAsync("north");
        await console.ConnectAsync();
        await console.InvokeAsync("Subscribe", [null]);
        await console.InvokeAsync("Seen", [new[] { "home-1.1" }]);
        var (_, alarm) = await console.PostAsync($"{Alarm}/acknowledge", new { version = 2 });
        (_, alarm) = await console.PostAsync($"{Alarm}/dispatch", new { version = (int)alarm!["version"]!, to = "north" });
        foreach (var step in new[] { "accept", "en-route", "on-scene" })
        {
            (_, alarm) = await carer.PostAsync($"{Alarm}/{step}", new { version = (int)alarm!["version"]! });
        }

        Assert.Equal(System.Net.HttpStatusCode.OK, (await carer.PostAsync($"{Alarm}/resolve", new { version = (int)alarm!["version"]!, disposition = "false" })).Status);
    }

    private async Task<long> CountAsync(string database, string measurement, string field)
    {
        try
        {
            return await influxd.CountAsync(database, measurement, field);
        }
        catch (InvalidOperationException)
        {
            // The database is made with the first write.
            return 0;
        }
    }

    [GeneratedRegex("\"(?<name>[a-z_]+)\"")]
    private static partial Regex Identifier();
}
