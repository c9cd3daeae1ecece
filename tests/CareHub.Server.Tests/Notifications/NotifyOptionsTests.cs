using CareHub.Core.Signals;
using CareHub.Server.Notifications;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Notifications;

public sealed class NotifyOptionsTests
{
    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once_and_no_secret_with_it()
    {
        var (exit, error) = await HubProcess.RunAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["CareHub__DataDirectory"] = Path.Combine(Path.GetTempPath(), $"carehub-none-{Guid.NewGuid():N}"),
                ["CareHub__Notify__Language"] = "fr",
                ["CareHub__Notify__Webhook__Url"] = "ftp://token-in-it.example.org",
                ["CareHub__Notify__Webhook__Secret"] = "short-secret",
                ["CareHub__Notify__Email__Host"] = "no host",
                ["CareHub__Notify__Email__Port"] = "0",
                ["CareHub__Notify__Email__From"] = "nobody",
                ["CareHub__Notify__Email__User"] = "hub",
                ["CareHub__Notify__Sms__Url"] = "https://hub:pw@gateway.example.org",
                ["CareHub__Notify__Sms__Body"] = "{\"to\":{to}}",
                ["CareHub__Notify__Sms__Headers__Api Key"] = "key-of-the-gateway",
                ["CareHub__Notify__Recipients__0__Name"] = "Li Qiang",
                ["CareHub__Notify__Recipients__0__Channel"] = "pigeon",
                ["CareHub__Notify__Recipients__1__Name"] = "li",
                ["CareHub__Notify__Recipients__1__Channel"] = "sms",
                ["CareHub__Notify__Recipients__1__Target"] = "region",
                ["CareHub__Notify__Recipients__2__Name"] = "li",
                ["CareHub__Notify__Recipients__2__Channel"] = "email",
                ["CareHub__Notify__Recipients__2__To"] = "li",
                ["CareHub__Notify__Recipients__2__Days"] = "mon-funday",
                ["CareHub__Notify__Recipients__2__Hours"] = "8-18",
            },
            "serve");

        Assert.Equal(2, exit);
        foreach (var part in (string[])
        [
            "Notify:Language:", "Notify:Webhook:Url:", "Notify:Webhook:Secret:", "Notify:Email:Host:", "Notify:Email:Port:", "Notify:Email:From:", "Notify:Email:User and Password",
            "Notify:Sms:Url:", "Notify:Sms:Body: {text}", "Notify:Sms:Body: it is not JSON", "Notify:Sms:Headers:", "Notify:Recipients:0:Name:", "Notify:Recipients:0:Channel:",
            "Notify:Recipients:1:Target:", "Notify:Recipients:1:To:", "Notify:Recipients:2:To:", "Notify:Recipients:2:Days:", "Notify:Recipients:2:Hours:", "Notify:Recipients: the name 'li' is used 2 times",
        ])
        {
            Assert.Contains(part, error, StringComparison.Ordinal);
        }

        Assert.All((string[])["token-in-it", "short-secret", "hub:pw", "key-of-the-gateway"], secret => Assert.DoesNotContain(secret, error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(NotifyOptions.Chinese)]
    [InlineData(NotifyOptions.English)]
    public void Every_kind_of_alarm_has_a_word_in_every_language(string language) =>
        Assert.Equal(Enum.GetValues<SignalKind>().Order(), NoticeTexts.In(language).Kinds.Keys.Order());
}
