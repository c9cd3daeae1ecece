using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;

namespace CareHub.Storage.Telemetry.Influx;

/// <summary>
/// Line protocol to <c>/write</c>, which InfluxDB 1.x, 2.x and 3 Core share, or to <c>/api/v2/write</c>; InfluxQL on
/// <c>/query</c>. Whatever the server or the network does comes back as a value; only cancellation by the caller is thrown.
/// </summary>
internal sealed class InfluxClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _database;
    private readonly string _writeAddress;
    private readonly bool _gzip;
    private readonly TelemetryLimits _limits;
    private readonly TimeProvider _time;

    /// <summary>Buffers of packed batches, as many as there are writers. New ones for each request would be what the hub's largest collections are for.</summary>
    private readonly ConcurrentBag<MemoryStream> _buffers = [];
    private volatile string? _serverVersion;

    public InfluxClient(InfluxOptions options, TelemetryLimits limits, TimeProvider time)
    {
        _database = options.UsesBuckets ? options.Bucket! : options.Database!;
        _writeAddress = options.UsesBuckets
            ? $"api/v2/write?org={Uri.EscapeDataString(options.Org!)}&bucket={Uri.EscapeDataString(_database)}&precision=ns"
            : $"write?db={Uri.EscapeDataString(_database)}&precision=ns";
        _gzip = options.Gzip;
        _limits = limits;
        _time = time;
        // A redirected POST would arrive as a GET, so a redirect is reported, not followed.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(options.Url!.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (!string.IsNullOrEmpty(options.Token))
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Token", options.Token);
        else if (!string.IsNullOrEmpty(options.User))
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{options.Password}")));
    }

    /// <summary>
    /// Its version, if the server shows itself as InfluxDB in answers to writes. VictoriaMetrics names a version too but no
    /// build; such a server may answer 204 to lines that it drops.
    /// </summary>
    public string? ServerVersion => _serverVersion;

    public async Task<WriteAnswer> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        var buffer = _gzip ? Pack(lines) : null;
        using HttpContent content = buffer is null ? new ReadOnlyMemoryContent(lines) : new ByteArrayContent(buffer.GetBuffer(), 0, (int)buffer.Length);
        if (buffer is not null)
            content.Headers.ContentEncoding.Add("gzip");
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain") { CharSet = "utf-8" };
        using var request = new HttpRequestMessage(HttpMethod.Post, _writeAddress) { Content = content };
        var (response, body, failure) = await SendAsync(request, _limits.InfluxWriteTimeout, cancellationToken);
        if (response is null)
            return new WriteAnswer.Unavailable(failure, null);
        using (response)
        {
            _serverVersion = response.Headers.Contains("X-Influxdb-Build") && response.Headers.TryGetValues("X-Influxdb-Version", out var versions) ? versions.First() : null;
            var answer = InfluxAnswerReader.ReadWrite(response.StatusCode, response.Headers.RetryAfter, body, _time.GetUtcNow());

            // After any other answer the rest of the request may still be on its way, out of this buffer.
            if (answer is WriteAnswer.Written && buffer is not null)
                _buffers.Add(buffer);
            return answer;
        }
    }

    /// <summary>Runs a query that only reads.</summary>
    public async Task<QueryAnswer> QueryAsync(string influxQl, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"query?db={Uri.EscapeDataString(_database)}&epoch=ns&q={Uri.EscapeDataString(influxQl)}");
        return await AnswerAsync(request, cancellationToken);
    }

    /// <summary>Creates the database unless it exists.</summary>
    public async Task<QueryAnswer> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent([new("q", $"CREATE DATABASE {InfluxQl.Name(_database)}")]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "query") { Content = content };
        return await AnswerAsync(request, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<QueryAnswer> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var (response, body, failure) = await SendAsync(request, _limits.InfluxQueryTimeout, cancellationToken);
        if (response is null)
            return new QueryAnswer.Failed(failure);
        using (response)
            return InfluxAnswerReader.ReadQuery(response.StatusCode, body);
    }

    private async Task<(HttpResponseMessage? Response, string Body, string Failure)> SendAsync(HttpRequestMessage request, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        HttpResponseMessage? response = null;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return (response, await response.Content.ReadAsStringAsync(either.Token), "");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            response?.Dispose();
            return (null, "", $"no answer within {patience.TotalSeconds:0.#} s");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            response?.Dispose();
            return (null, "", error.Message);
        }
        catch
        {
            response?.Dispose();
            throw;
        }
    }

    private MemoryStream Pack(ReadOnlyMemory<byte> lines)
    {
        if (!_buffers.TryTake(out var packed))
            packed = new MemoryStream(capacity: (lines.Length / 4) + 64);
        packed.SetLength(0);
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(lines.Span);
        return packed;
    }
}
