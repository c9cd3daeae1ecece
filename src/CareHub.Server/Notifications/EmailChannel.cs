using System.Net;
using System.Net.Mail;
using System.Text;
using CareHub.Core.Notifications;

namespace CareHub.Server.Notifications;

/// <summary>A mail over SMTP. Its Message-ID is the idempotency key: mail programs show one that comes twice once.</summary>
internal sealed class EmailChannel(NotifyOptions.EmailOptions options) : INotifyChannel
{
    /// <summary>RFC 5321: from 500 on it is the message or the account that is not wanted, not the moment.</summary>
    private const int PermanentFrom = 500;

    private readonly MailAddress _from = new(options.From);

    public NotifyChannel Kind => NotifyChannel.Email;

    public bool AllowsPersonalData => options.PersonalData;

    public async Task<SendOutcome> SendAsync(Message message, CancellationToken cancellationToken)
    {
        using var mail = new MailMessage(_from, new MailAddress(message.Recipient.Address))
        {
            Subject = message.Subject,
            SubjectEncoding = Encoding.UTF8,
            Body = message.Text,
            BodyEncoding = Encoding.UTF8,
        };
        var id = MessageId(message.Key);
        mail.Headers.Add("Message-ID", id);

        // RFC 3834: no out-of-office notes to this one.
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        using var smtp = new SmtpClient(options.Host, options.Port) { EnableSsl = options.StartTls, DeliveryFormat = SmtpDeliveryFormat.SevenBit };
        if (!string.IsNullOrEmpty(options.User))
        {
            smtp.Credentials = new NetworkCredential(options.User, options.Password);
        }

        try
        {
            await smtp.SendMailAsync(mail, cancellationToken);
            return new SendOutcome.Delivered($"smtp_250 {id}");
        }
        catch (SmtpException failure)
        {
            var code = (int)failure.StatusCode;
            return code >= PermanentFrom ? new SendOutcome.Refused($"smtp_{code}")
                : code > 0 ? new SendOutcome.TryLater($"smtp_{code}")
                : new SendOutcome.TryLater("unreachable");
        }
    }

    private string MessageId(string key) => $"<{key}@{_from.Host}>";
}
