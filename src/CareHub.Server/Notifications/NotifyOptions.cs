using System.Net.Mail;
using System.Text.Json;
using CareHub.Core;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Storage.Registry;

namespace CareHub.Server.Notifications;

/// <summary>Who is told of an escalation away from the consoles, and by which means, under <c>CareHub:Notify</c>.</summary>
internal sealed class NotifyOptions
{
    public const string Chinese = "zh-CN";
    public const string English = "en";

    /// <summary>Of the texts: <c>zh-CN</c> or <c>en</c>.</summary>
    public string Language { get; set; } = Chinese;

    public WebhookOptions? Webhook { get; set; }

    public EmailOptions? Email { get; set; }

    public SmsOptions? Sms { get; set; }

    public IList<RecipientOptions> Recipients { get; } = [];

    internal sealed class WebhookOptions
    {
        private const int SecretCharsMin = 16;

        public string Url { get; set; } = "";

        /// <summary>Shared with the receiver: signs what is sent.</summary>
        public string Secret { get; set; } = "";

        /// <summary>Whether it may hold names, rooms and home addresses.</summary>
        public bool PersonalData { get; set; }

        public IEnumerable<string> Validate()
        {
            if (UrlError(Url) is { } error)
            {
                yield return $"Url: {error}";
            }

            if (Secret.Length < SecretCharsMin)
            {
                yield return $"Secret: it has {Secret.Length} characters; at least {SecretCharsMin} are needed";
            }
        }
    }

    internal sealed class EmailOptions
    {
        public string Host { get; set; } = "";

        public int Port { get; set; } = 587;

        /// <summary>Nothing is sent before the server has changed to TLS. Off only for a server on this machine or a trusted network.</summary>
        public bool StartTls { get; set; } = true;

        public string? User { get; set; }

        public string? Password { get; set; }

        public string From { get; set; } = "";

        /// <inheritdoc cref="WebhookOptions.PersonalData"/>
        public bool PersonalData { get; set; }

        public IEnumerable<string> Validate()
        {
            if (Uri.CheckHostName(Host) == UriHostNameType.Unknown)
            {
                yield return $"Host: '{Host}' is not the name or address of a mail server";
            }

            if (Port is < 1 or > ushort.MaxValue)
            {
                yield return $"Port: {Port} is not 1–{ushort.MaxValue}";
            }

            if (!MailAddress.TryCreate(From, out _))
            {
                yield return $"From: '{From}' is not a mail address";
            }

            if (string.IsNullOrEmpty(User) != string.IsNullOrEmpty(Password))
            {
                yield return "User and Password are given together or not at all";
            }

            if (!StartTls && !string.IsNullOrEmpty(Password))
            {
                yield return "StartTls: a Password is never sent without it";
            }
        }
    }

    internal sealed class SmsOptions
    {
        public const string Json = "application/json";
        public const string Form = "application/x-www-form-urlencoded";
        private static readonly string[] Placeholders = ["{to}", "{text}"];

        public string Url { get; set; } = "";

        /// <summary>The gateway's own headers, its authorisation for example.</summary>
        public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        /// <summary>What is sent: <c>{to}</c>, <c>{text}</c> and <c>{key}</c> are filled in, escaped as <see cref="ContentType"/> wants it.</summary>
        public string Body { get; set; } = """{"to":"{to}","text":"{text}","key":"{key}"}""";

        public string ContentType { get; set; } = Json;

        /// <summary>What the answer must hold besides a 2xx status; many gateways say 200 to everything.</summary>
        public string? Expect { get; set; }

        /// <inheritdoc cref="WebhookOptions.PersonalData"/>
        public bool PersonalData { get; set; } = true;

        public IEnumerable<string> Validate()
        {
            if (UrlError(Url) is { } error)
            {
                yield return $"Url: {error}";
            }

            foreach (var missing in Placeholders.Where(placeholder => !Body.Contains(placeholder, StringComparison.Ordinal)))
            {
                yield return $"Body: {missing} is missing";
            }

            if (ContentType is not (Json or Form))
            {
                yield return $"ContentType: '{ContentType}' is not {Json} or {Form}";
            }
            else if (ContentType == Json && !IsJson(Body))
            {
                yield return "Body: it is not JSON; placeholders belong into strings, \"{to}\"";
            }

            foreach (var name in Headers.Keys.Where(name => name.Length == 0 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')))
            {
                yield return $"Headers: '{name}' is not the name of a header";
            }

            // The value may be a secret: it is not repeated here.
            foreach (var (name, _) in Headers.Where(header => header.Value.AsSpan().ContainsAnyInRange('\0', '\x1F')))
            {
                yield return $"Headers: the value of '{name}' holds control characters";
            }
        }

        private static bool IsJson(string text)
        {
            try
            {
                JsonDocument.Parse(text).Dispose();
                return true;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }

    /// <summary>Somebody who is told when an alarm of a region, or below it, escalates to a target.</summary>
    internal sealed class RecipientOptions
    {
        private const int NameCharsMax = 40;

        /// <summary>Names the recipient in keys, in the API and for webhooks: small letters, digits and hyphens.</summary>
        public string Name { get; set; } = "";

        /// <summary><c>supervisor</c> or <c>contacts</c>.</summary>
        public string Target { get; set; } = "supervisor";

        /// <summary><c>webhook</c>, <c>email</c> or <c>sms</c>.</summary>
        public string Channel { get; set; } = "";

        /// <summary>Telephone number or mail address. Empty for the webhook, and where the residents' own contacts are meant.</summary>
        public string To { get; set; } = "";

        public string Region { get; set; } = RegistryStore.RootRegionId;

        /// <summary>The rota: days of the week on which the recipient is on duty, <c>mon-fri</c> or <c>sat,sun</c>; empty for every day.</summary>
        public string Days { get; set; } = "";

        /// <summary>Hours of the duty, local time, <c>18:00-08:00</c>; empty for the whole day.</summary>
        public string Hours { get; set; } = "";

        /// <summary>Valid options only.</summary>
        public NotifyChannel Means => Words<NotifyChannel>.TryParse(Channel, out var means) ? means : default;

        /// <summary>Valid options only.</summary>
        public EscalationTarget Whom => Words<EscalationTarget>.TryParse(Target, out var whom) ? whom : default;

        /// <summary>Valid options only.</summary>
        public DutyHours Duty => DutyHours.Parse(Days, Hours, []) ?? DutyHours.Always;

        /// <summary>The telephone numbers that are registered for the resident.</summary>
        public bool IsResidentsContacts => Whom == EscalationTarget.Contacts && Means == NotifyChannel.Sms && To.Length == 0;

        public IEnumerable<string> Validate(NotifyOptions options)
        {
            if (Name.Length is 0 or > NameCharsMax || !Name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-') || Name.StartsWith(AddressBook.ContactPrefix, StringComparison.Ordinal))
            {
                yield return $"Name: '{Name}' is not 1–{NameCharsMax} small letters, digits and hyphens (and not {AddressBook.ContactPrefix}…)";
            }

            if (Whom is not (EscalationTarget.Supervisor or EscalationTarget.Contacts))
            {
                yield return $"Target: '{Target}' is not supervisor or contacts";
            }

            if (Region.Length == 0)
            {
                yield return "Region: empty; give a region's id";
            }

            var wrongHours = new List<string>();
            DutyHours.Parse(Days, Hours, wrongHours);
            foreach (var wrong in wrongHours)
            {
                yield return wrong;
            }

            if (Means == default)
            {
                yield return $"Channel: '{Channel}' is not webhook, email or sms";
                yield break;
            }

            if (Means switch { NotifyChannel.Webhook => (object?)options.Webhook, NotifyChannel.Email => options.Email, _ => options.Sms } is null)
            {
                yield return $"Channel: {Channel} is not configured; see CareHub:Notify:{Means}";
            }

            if (AddressError() is { } error)
            {
                yield return $"To: {error}";
            }
        }

        private string? AddressError() => Means switch
        {
            NotifyChannel.Webhook => To.Length == 0 ? null : "must be empty for the webhook",
            NotifyChannel.Email => MailAddress.TryCreate(To, out _) ? null : $"'{To}' is not a mail address",
            _ => IsResidentsContacts || IsTelephone(To) ? null : $"'{To}' is not a telephone number such as +8613800000001",
        };
    }

    public static bool IsTelephone(string text) => text.Count(char.IsAsciiDigit) >= 3 && text.All(letter => char.IsAsciiDigit(letter) || letter is '+' or '-' or ' ');

    /// <summary>Everything that is wrong, at once.</summary>
    public IEnumerable<string> Validate()
    {
        var errors = new List<string>();
        if (Language is not (Chinese or English))
        {
            errors.Add($"Language: '{Language}' is not {Chinese} or {English}");
        }

        errors.AddRange((Webhook?.Validate() ?? []).Select(error => $"Webhook:{error}"));
        errors.AddRange((Email?.Validate() ?? []).Select(error => $"Email:{error}"));
        errors.AddRange((Sms?.Validate() ?? []).Select(error => $"Sms:{error}"));
        errors.AddRange(Recipients.SelectMany((recipient, index) => recipient.Validate(this).Select(error => $"Recipients:{index}:{error}")));
        errors.AddRange(Recipients.GroupBy(recipient => recipient.Name, StringComparer.Ordinal).Where(group => group.Count() > 1 && group.Key.Length > 0)
            .Select(group => $"Recipients: the name '{group.Key}' is used {group.Count()} times"));
        if (Recipients.Count > Limits.NotifyRecipientsMax)
        {
            errors.Add($"Recipients: there are {Recipients.Count}; at most {Limits.NotifyRecipientsMax} are allowed");
        }

        return errors.Select(error => $"CareHub:Notify:{error}");
    }

    private static string? UrlError(string text) =>
        !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") ? "it is not an http or https address" // which may hold a token: not repeated
        : url.UserInfo.Length > 0 ? "it must not hold a user or a password"
        : null;
}
