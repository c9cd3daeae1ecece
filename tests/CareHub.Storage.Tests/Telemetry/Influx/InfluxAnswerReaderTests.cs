using System.Net;
using System.Net.Http.Headers;
using CareHub.Storage.Telemetry.Influx;

namespace CareHub.Storage.Tests.Telemetry.Influx;

/// <summary>Bodies as InfluxDB 1.6, 2.7 and 3 Core send them.</summary>
public sealed class InfluxAnswerReaderTests
{
    [Fact]
    public void Only_204_means_written()
    {
        Assert.IsType<WriteAnswer.Written>(Write(204, ""));
        Assert.IsType<WriteAnswer.Refused>(Write(200, "<html>Welcome to our proxy</html>"));
        Assert.IsType<WriteAnswer.Refused>(Write(301, ""));
    }

    [Theory]
    [InlineData("""{"error":"partial write: points beyond retention policy dropped=7"}""", 7)]
    [InlineData("""{"error":"partial write: field type conflict: input field \"value\" on measurement \"readings\" is type string, already exists as type float dropped=2"}""", 2)]
    [InlineData("""{"error":"partial write: unable to parse 'a': missing fields\nunable to parse 'b': missing fields dropped=0"}""", 2)]
    [InlineData("""{"error":"partial write of line protocol occurred","data":[{"line_number":1,"error_message":"a"},{"line_number":2,"error_message":"b"},{"line_number":3,"error_message":"c"}]}""", 3)]
    [InlineData("""{"code":"unprocessable entity","message":"failure writing points to database: partial write: dropped=1"}""", 1)]
    public void A_partial_write_says_how_many_points_are_lost(string body, int points) =>
        Assert.Equal(points, Assert.IsType<WriteAnswer.PartlyRejected>(Write(400, body)).Points);

    [Fact]
    public void Version_3_names_the_lines_from_1_on()
    {
        var partly = Assert.IsType<WriteAnswer.PartlyRejected>(Write(400, """
            {"error":"partial write of line protocol occurred","data":[{"original_line":"readings value=x","line_number":2,"error_message":"invalid column type for column 'value', expected iox::column_type::field::float"}]}
            """));
        Assert.Equal([new LineError(1, "invalid column type for column 'value', expected iox::column_type::field::float")], partly.Lines);
    }

    [Theory]
    [InlineData("""{"error":"parsing failed for write_lp endpoint","data":{"original_line":"x","line_number":1,"error_message":"No fields were provided"}}""")]
    [InlineData("""{"code":"invalid","line":3,"message":"No fields were provided"}""")]
    [InlineData("""{"code":"invalid","message":"unable to parse 'x': missing fields"}""")]
    public void An_error_about_lines_is_never_tried_again_for_ever(string body) => Assert.IsType<WriteAnswer.BadLines>(Write(400, body));

    [Fact]
    public void A_time_to_come_back_may_be_a_date()
    {
        var now = new DateTimeOffset(2026, 11, 25, 3, 0, 0, TimeSpan.Zero);
        var answer = InfluxAnswerReader.ReadWrite(HttpStatusCode.ServiceUnavailable, new RetryConditionHeaderValue(now.AddSeconds(9)), "", now);
        Assert.Equal(TimeSpan.FromSeconds(9), Assert.IsType<WriteAnswer.Unavailable>(answer).RetryAfter);
        answer = InfluxAnswerReader.ReadWrite(HttpStatusCode.ServiceUnavailable, new RetryConditionHeaderValue(now.AddSeconds(-9)), "", now);
        Assert.Null(Assert.IsType<WriteAnswer.Unavailable>(answer).RetryAfter);
    }

    [Fact]
    public void A_reason_does_not_quote_the_measurement() =>
        Assert.Equal(
            "HTTP 400: unable to parse a line: invalid number",
            Assert.IsType<WriteAnswer.BadLines>(Write(400, """{"error":"unable to parse 'readings,device=d heart_rate=7x1 1': invalid number"}""")).Reason);

    [Theory]
    [InlineData(400, """{"error":"database is required"}""")]
    [InlineData(401, """{"error":"authorization failed"}""")]
    [InlineData(403, """{"error":"\"u\" user is not authorized to write to database \"d\""}""")]
    [InlineData(404, "404 page not found")]
    public void What_is_not_about_the_points_costs_no_points(int status, string body) =>
        Assert.IsType<WriteAnswer.Refused>(Write(status, body));

    [Fact]
    public void A_missing_database_is_told_from_a_missing_page() =>
        Assert.IsType<WriteAnswer.DatabaseMissing>(Write(404, """{"error":"database not found: \"d\""}"""));

    [Fact]
    public void Too_large_is_its_own_answer() => Assert.IsType<WriteAnswer.TooLarge>(Write(413, """{"error":"Request Entity Too Large"}"""));

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public void What_may_pass_is_tried_again_when_the_server_says(int status)
    {
        var answer = Assert.IsType<WriteAnswer.Unavailable>(InfluxAnswerReader.ReadWrite((HttpStatusCode)status, new RetryConditionHeaderValue(TimeSpan.FromSeconds(7)), "busy"));
        Assert.Equal((TimeSpan.FromSeconds(7), $"HTTP {status}: busy"), (answer.RetryAfter, answer.Reason));
    }

    [Fact]
    public void A_query_may_fail_inside_a_200()
    {
        Assert.Equal("shard is gone", Assert.IsType<QueryAnswer.Failed>(Query(200, """{"results":[{"statement_id":0,"error":"shard is gone"}]}""")).Reason);
        Assert.IsType<QueryAnswer.Failed>(Query(200, """{"error":"timeout"}"""));
        Assert.IsType<QueryAnswer.Failed>(Query(200, "<html></html>"));
        Assert.IsType<QueryAnswer.Failed>(Query(200, "[]"));
        Assert.IsType<QueryAnswer.Failed>(Query(401, """{"error":"authorization failed"}"""));
        Assert.IsType<QueryAnswer.DatabaseMissing>(Query(200, """{"results":[{"statement_id":0,"error":"database not found: d"}]}"""));
        Assert.Empty(Assert.IsType<QueryAnswer.Rows>(Query(200, """{"results":[{"statement_id":0}]}""")).Series);
    }

    private static WriteAnswer Write(int status, string body) => InfluxAnswerReader.ReadWrite((HttpStatusCode)status, null, body);

    private static QueryAnswer Query(int status, string body) => InfluxAnswerReader.ReadQuery((HttpStatusCode)status, body);
}
