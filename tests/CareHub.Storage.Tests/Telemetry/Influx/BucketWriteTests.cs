using System.Text;
using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Telemetry.Spool;
using CareHub.Storage.Tests.Telemetry.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CareHub.Storage.Tests.Telemetry.Influx;

/// <summary><c>/api/v2/write</c>, against a real server that takes it.</summary>
public sealed class BucketWriteTests(VictoriaMetricsProcess server) : IClassFixture<VictoriaMetricsProcess>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Readings_from_the_spool_arrive_by_bucket_and_token(bool gzip)
    {
        using var directory = new TemporaryDirectory();
        using var log = new CollectingLogger();
        var options = Options();
        options.Gzip = gzip;
        var parts = new TelemetryParts { Tags = new OnePlace() };
        var device = $"vit {gzip}, =杭州";
        await using (var storage = TelemetryStorage.Open(directory.Path, options, null, TimeProvider.System, log, Some.QuickLimits, parts))
        {
            var now = DateTimeOffset.UtcNow;
            await storage.Store.AppendAsync([.. Enumerable.Range(0, 200).Select(i => new Reading(device, "heart_rate", i / 2.0, now.AddSeconds(i - 200)))], default);
            await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 200, "200 readings forwarded");
            Assert.Equal((0, false, null), (storage.Forwarder!.PointsRejected, storage.Forwarder.Failing, storage.Forwarder.ServerVersion));
        }

        var series = Assert.Single(await server.ExportAsync($$"""readings_value{device="{{device}}"}"""));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => i / 2.0), series.Values);
        Assert.Equal(
            ("heart_rate", "vital_monitor", "home-12", "hz-gs"),
            (Label("name"), Label("kind"), Label("site"), Label("region")));

        string? Label(string name) => series.Labels.GetProperty(name).GetString();
    }

    /// <summary>What the server cannot say, nobody can hear: the reason why every line is checked before it leaves.</summary>
    [Fact]
    public async Task Bad_lines_are_answered_204_there_and_the_good_ones_beside_them_are_stored()
    {
        using var client = new InfluxClient(Options(), TelemetryLimits.Default, TimeProvider.System);
        var seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var answer = await client.WriteAsync(Encoding.UTF8.GetBytes($"readings,device=good value=1 {seconds}000000000\nreadings,device=bad value= {seconds}000000000\n"), default);
        Assert.IsType<WriteAnswer.Written>(answer);
        Assert.Null(client.ServerVersion);
        Assert.Single(await server.ExportAsync("""readings_value{device="good"}"""));
        Assert.Empty(await server.ExportAsync("""readings_value{device="bad"}"""));
        Assert.Contains("vm_rows_invalid_total{type=\"influx\"} 1", await server.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_request_names_organisation_and_bucket_and_the_lines_that_version_3_names_are_left_out()
    {
        var requests = new List<(string Address, string? Token, string[] Lines)>();
        var builder = WebApplication.CreateSlimBuilder();
        await using var fake = builder.Build();
        fake.Urls.Add("http://127.0.0.1:0");
        fake.MapPost("/api/v2/write", async (HttpContext context) =>
        {
            using var body = new StreamReader(context.Request.Body);
            var lines = (await body.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            requests.Add(($"{context.Request.Path}{context.Request.QueryString}", context.Request.Headers.Authorization, lines));
            var bad = lines.Select((line, i) => (line, i)).Where(each => each.line.Contains("bad", StringComparison.Ordinal)).Take(2).ToList();
            if (bad.Count == 0)
                return Results.NoContent();
            return Results.Json(
                new { error = "partial write of line protocol occurred", data = bad.Select(each => new { original_line = each.line, line_number = each.i + 1, error_message = $"no {each.i}" }) },
                statusCode: 400);
        });
        await fake.StartAsync();

        var options = new InfluxOptions { Url = fake.Urls.First(), Org = "care & hub", Bucket = "b/1", Token = "t0ken", Gzip = false };
        using var client = new InfluxClient(options, TelemetryLimits.Default, TimeProvider.System);
        var lines = new LineBatch();
        foreach (var i in Enumerable.Range(0, 100))
            InfluxPoints.Add(lines, Some.Reading(i, i, i % 20 == 7 ? $"bad-{i}" : $"good-{i}"));
        var outcome = await new InfluxBatchWriter(client, mayCreateDatabase: false).WriteAsync(lines, default);

        Assert.Equal((95, 5, null), (outcome.Written, outcome.Rejected, outcome.Failure));
        Assert.Equal(["bad-7", "bad-27", "bad-47", "bad-67", "bad-87"], outcome.RejectedLines.Select(line => line.Origin.Device).OrderBy(device => device!.Length).ThenBy(device => device));
        Assert.All(outcome.RejectedLines, line => Assert.StartsWith("no ", line.Reason, StringComparison.Ordinal));
        Assert.InRange(requests.Count, 4, 12);
        Assert.Equal(("/api/v2/write?org=care%20%26%20hub&bucket=b%2F1&precision=ns", "Token t0ken"), (requests[0].Address, requests[0].Token));
    }

    private InfluxOptions Options() => new() { Url = server.Url, Org = "care", Bucket = "readings", Token = "anything" };

    private sealed class OnePlace : IDeviceTags
    {
        public object Version => this;

        public SeriesTags Of(string device) => new("vital_monitor", "home-12", "hz-gs");

        public string? RegionOf(string site) => "hz-gs";
    }
}
