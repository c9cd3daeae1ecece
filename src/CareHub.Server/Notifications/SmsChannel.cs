using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using CareHub.Core.Notifications;

namespace CareHub.Server.Notifications;

/// <summary>Any gateway that takes a POST: the body is a template of the configuration.</summary>
internal sealed class SmsChannel(NotifyOptions.SmsOptions options) : INotifyChannel, IDisposable
{
    private readonly HttpPost _post = new();

    public NotifyChannel Kind => NotifyChannel.Sms;

    public bool AllowsPersonalData => options.PersonalData;

    public async Task<SendOutcome> SendAsync(Message message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Url)
        {
            Content = new StringContent(BodyOf(message), Encoding.UTF8, new MediaTypeHeaderValue(options.ContentType, "utf-8")),
        };
        request.Headers.Add(HttpPost.KeyHeader, message.Key);
        foreach (var (name, value) in options.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _post.SendAsync(request, options.Expect, cancellationToken);
    }

    /// <summary>One pass over the template, so that a text that holds a placeholder stays the text it is.</summary>
    private string BodyOf(Message message)
    {
        var body = new StringBuilder(options.Body.Length + message.Text.Length);
        var rest = options.Body.AsSpan();
        while (rest.IndexOf('{') is >= 0 and var brace)
        {
            body.Append(rest[..brace]);
            rest = rest[brace..];
            var (placeholder, value) = rest switch
            {
                ['{', 't', 'o', '}', ..] => ("{to}", message.Recipient.Address),
                ['{', 't', 'e', 'x', 't', '}', ..] => ("{text}", message.Text),
                ['{', 'k', 'e', 'y', '}', ..] => ("{key}", message.Key),
                _ => ("{", null),
            };
            body.Append(value is null ? placeholder : Escape(value));
            rest = rest[placeholder.Length..];
        }

        return body.Append(rest).ToString();
    }

    private string Escape(string value) =>
        options.ContentType == NotifyOptions.SmsOptions.Json ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value) : Uri.EscapeDataString(value);

    public void Dispose() => _post.Dispose();
}
