using System.Net;
using System.Text;
using System.Text.Json;

namespace CareHub.Server.Notifications;

/// <summary>One POST, and what its answer means. A redirect is not followed: it would lead secrets elsewhere.</summary>
internal sealed class HttpPost : IDisposable
{
    public const string KeyHeader = "Idempotency-Key";

    private const int AnswerBytesMax = 16 * 1024;
    private const int ProviderIdCharsMax = 80;
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>Where gateways put the id of what they have taken over.</summary>
    private static readonly string[] IdFields = ["id", "messageId", "message_id", "sid", "BizId", "requestId", "RequestId", "request_id"];

    // Addresses are looked up again every two minutes; the time of an attempt is the lane's to bound.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = ConnectionLifetime, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <param name="expect">What the answer must hold besides a 2xx status.</param>
    public async Task<SendOutcome> SendAsync(HttpRequestMessage request, string? expect, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var word = $"http_{(int)answer.StatusCode}";
            if (answer.IsSuccessStatusCode)
            {
                var body = await ReadAsync(answer.Content, cancellationToken);
                return expect is null || body.Contains(expect, StringComparison.Ordinal)
                    ? new SendOutcome.Delivered(IdIn(body) is { } id ? $"{word} {id}" : word)
                    : new SendOutcome.TryLater("unexpected_answer");
            }

            var isPassing = answer.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)answer.StatusCode is 425 or >= 500;
            return isPassing ? new SendOutcome.TryLater(word, answer.Headers.RetryAfter?.Delta) : new SendOutcome.Refused(word);
        }
        catch (HttpRequestException failure)
        {
            return new SendOutcome.TryLater(failure.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "name_not_found",
                HttpRequestError.SecureConnectionError => "tls_failed",
                HttpRequestError.ConnectionError => "unreachable",
                _ => "connection_broken",
            });
        }
        catch (IOException)
        {
            return new SendOutcome.TryLater("connection_broken");
        }
    }

    private static async Task<string> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[AnswerBytesMax];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, count);
    }

    /// <summary>The provider's id, if the answer is JSON that has one: letters, digits and a few signs, nothing else is kept.</summary>
    private static string? IdIn(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            foreach (var field in IdFields)
            {
                if (json.RootElement.TryGetProperty(field, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                {
                    var id = value.ToString();
                    return id.Length is > 0 and <= ProviderIdCharsMax && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '^') ? id : null;
                }
            }
        }
        catch (JsonException)
        {
            // An answer in words is an answer too.
        }

        return null;
    }

    public void Dispose() => _http.Dispose();
}
