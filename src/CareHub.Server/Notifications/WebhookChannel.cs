using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Core.Signals;

namespace CareHub.Server.Notifications;

/// <summary>A signed POST: the receiver can tell that it comes from this hub, is whole, and is not an old one sent again.</summary>
internal sealed class WebhookChannel(NotifyOptions.WebhookOptions options, TimeProvider time) : INotifyChannel, IDisposable
{
    public const string SignatureHeader = "CareHub-Signature";

    private readonly HttpPost _post = new();
    private readonly byte[] _secret = Encoding.UTF8.GetBytes(options.Secret);

    public NotifyChannel Kind => NotifyChannel.Webhook;

    public bool AllowsPersonalData => options.PersonalData;

    public async Task<SendOutcome> SendAsync(Message message, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new Body(
                message.Key, Words<NoticeKind>.Of(message.Notice), Words<EscalationTarget>.Of(message.Target), message.Recipient.Id, message.At,
                new(message.AlarmId, message.Version, Words<SignalKind>.Of(message.Kind), Words<Priority>.Of(message.Priority), message.OccurredAt),
                message.SiteId, message.RegionId, message.Place, message.Person, message.Text, message.Url),
            JsonSerializerOptions.Web);
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add(HttpPost.KeyHeader, message.Key);
        request.Headers.Add(SignatureHeader, Sign(_secret, time.GetUtcNow(), body));
        return await _post.SendAsync(request, expect: null, cancellationToken);
    }

    /// <summary><c>t=UNIX_SECONDS,v1=HEX</c> with HMAC-SHA256 over the seconds, a full stop and the body as it is sent.</summary>
    private static string Sign(byte[] secret, DateTimeOffset now, byte[] body)
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.ASCII.GetBytes($"{seconds}."));
        hmac.AppendData(body);
        return $"t={seconds},v1={Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }

    public void Dispose() => _post.Dispose();

    private sealed record Body(
        string Key, string Event, string Target, string Recipient, DateTimeOffset At, AlarmBody Alarm, string SiteId, string RegionId, string Place, string? Person, string Text, string? Url);

    private sealed record AlarmBody(string Id, int Version, string Kind, string Priority, DateTimeOffset OccurredAt);
}
