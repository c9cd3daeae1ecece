using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Tests.Telemetry.Support;

namespace CareHub.Storage.Tests.Telemetry.Influx;

/// <summary>What a real server answers, and what is made of it.</summary>
[Collection(SharedInfluxd.Name)]
public sealed class InfluxBatchWriterTests : IDisposable
{
    private readonly InfluxdProcess _influxd;
    private readonly string _database = $"writer {Guid.NewGuid():N}";
    private readonly InfluxClient _client;

    public InfluxBatchWriterTests(InfluxdProcess influxd)
    {
        _influxd = influxd;
        _client = new InfluxClient(influxd.Options(_database), TelemetryLimits.Default, TimeProvider.System);
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_missing_database_is_created_when_allowed_and_only_then()
    {
        var refused = await new InfluxBatchWriter(_client, mayCreateDatabase: false).WriteAsync(Lines(3), default);
        Assert.Contains("database not found", refused.Failure, StringComparison.Ordinal);

        var outcome = await new InfluxBatchWriter(_client, mayCreateDatabase: true).WriteAsync(Lines(3), default);
        Assert.Null(outcome.Failure);
        Assert.Equal(3, await CountAsync());
    }

    [Fact]
    public async Task A_batch_that_is_too_large_goes_in_pieces()
    {
        // The server takes 1 MiB; unpacked this is some 4 MB.
        var lines = new LineBatch();
        for (var i = 0; i < 40_000; i++)
            lines.Add("readings", [new Tag("device", $"a-device-with-quite-a-long-name-so-that-lines-are-long-{i % 10}")], [Field.Float("value", i)], 1_700_000_000_000_000_000 + i);
        var outcome = await Writer.WriteAsync(lines, default);
        Assert.Equal((40_000, 0, null), (outcome.Written, outcome.Rejected, outcome.Failure));
        Assert.Equal(40_000, await CountAsync());
    }

    [Fact]
    public async Task A_conflict_of_types_costs_only_the_points_it_is_about()
    {
        await Writer.WriteAsync(Lines(1), default);
        var lines = Lines(10);
        for (var i = 0; i < 5; i++)
            lines.Add("readings", [new Tag("device", "bad")], [Field.Text("value", "warm")], 1_700_000_000_000_000_000 + i);

        var outcome = await Writer.WriteAsync(lines, default);
        Assert.Equal((10, 5, null), (outcome.Written, outcome.Rejected, outcome.Failure));
        Assert.Contains("field type conflict", outcome.RejectReason, StringComparison.Ordinal);
        Assert.Equal(10, await CountAsync());
    }

    [Fact]
    public async Task Points_beyond_retention_are_rejected_and_the_rest_is_stored()
    {
        await _influxd.ExecuteAsync($"CREATE DATABASE \"{_database}\" WITH DURATION 1d");
        var nowNs = InfluxPoints.ClampedUnixNs(TimeProvider.System.GetUtcNow());
        var lines = Lines(4);
        lines.Add("readings", [new Tag("device", "now")], [Field.Float("value", 1)], nowNs);
        var outcome = await Writer.WriteAsync(lines, default);
        Assert.Equal((1, 4, null), (outcome.Written, outcome.Rejected, outcome.Failure));
        Assert.Contains("retention", outcome.RejectReason, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task A_request_holds_its_own_batch_and_nothing_of_the_one_before()
    {
        await Writer.WriteAsync(Lines(3), default);
        await _influxd.ExecuteAsync("DROP MEASUREMENT readings", _database);
        await Writer.WriteAsync(Lines(1), default);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_failure_to_try_again()
    {
        using var nowhere = new InfluxClient(new InfluxOptions { Url = "http://127.0.0.1:1", Database = "d" }, TelemetryLimits.Default, TimeProvider.System);
        var outcome = await new InfluxBatchWriter(nowhere, true).WriteAsync(Lines(2), default);
        Assert.NotNull(outcome.Failure);
        Assert.Equal(0, outcome.Rejected);
        var query = Assert.IsType<QueryAnswer.Failed>(await nowhere.QueryAsync("SHOW DATABASES", default));
        Assert.NotEmpty(query.Reason);
    }

    [Fact]
    public async Task A_query_that_the_server_cannot_read_is_a_value() =>
        Assert.Contains("error parsing query", Assert.IsType<QueryAnswer.Failed>(await _client.QueryAsync("SELEKT", default)).Reason, StringComparison.Ordinal);

    private InfluxBatchWriter Writer => new(_client, mayCreateDatabase: true);

    private Task<long> CountAsync() => _influxd.CountAsync(_database, "readings", "value");

    private static LineBatch Lines(int count)
    {
        var lines = new LineBatch();
        for (var i = 0; i < count; i++)
            lines.Add("readings", [new Tag("device", "d")], [Field.Float("value", i)], 1_700_000_000_000_000_000 + i);
        return lines;
    }
}
