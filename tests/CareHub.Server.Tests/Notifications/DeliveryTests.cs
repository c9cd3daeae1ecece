using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Core.Signals;
using CareHub.Server.Notifications;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Notifications;

/// <summary>Those who are not at a console are told, by each channel, and the alarm's story says so.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task A_webhook_is_signed_as_the_recipe_says_names_nobody_and_leaves_a_receipt()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("city", "webhook"));
        world.Webhook.Answer = _ => HttpReceiver.Ok("""{"id":"evt-7"}""");
        await world.PressAsync();
        var request = (await world.Webhook.CountAsync(1))[0];

        Assert.True(IsSigned(request, NotifyWorld.Secret));
        Assert.False(IsSigned(request with { Body = [.. request.Body, (byte)' '] }, NotifyWorld.Secret));
        var body = JsonNode.Parse(request.Text)!;
        Assert.Equal(("home-1.1.2.webhook.city", "home-1.1.2.webhook.city"), (request.Key, (string)body["key"]!));
        Assert.Equal(("escalated", "supervisor", "button"), ((string)body["event"]!, (string)body["target"]!, (string)body["alarm"]!["kind"]!));
        Assert.Equal("https://care.example.org/#alarm/home-1.1", (string)body["url"]!);
        Assert.Equal(("北社区", null), ((string)body["place"]!, (string?)body["person"]));
        Assert.DoesNotContain("王桂英", body.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("文晖路", (string)body["text"]!, StringComparison.Ordinal);

        var row = await world.DoneAsync(NotificationState.Delivered, "city");
        Assert.Equal((1, "http_200 evt-7"), (row.Attempts, row.Answer));
        Assert.Equal(("notified", "webhook:supervisor city:delivered"), (await world.StoryAsync())[^1]);
    }

    /// <summary>The recipe of docs/OPERATIONS.md, word for word but for the age, which is judged by the hub's own clock there.</summary>
    private static bool IsSigned(HttpReceiver.Request request, string secret)
    {
        var parts = request.Headers["CareHub-Signature"].Split(',').Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1], StringComparer.Ordinal);
        byte[] signed = [.. Encoding.ASCII.GetBytes(parts["t"] + "."), .. request.Body];
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
        return CryptographicOperations.FixedTimeEquals(expected, Convert.FromHexString(parts["v1"])) && long.Parse(parts["t"], CultureInfo.InvariantCulture) > 0;
    }

    [Fact]
    public async Task The_residents_contacts_get_a_text_that_names_the_place_and_everybody_who_was_told_hears_that_it_is_over()
    {
        await using var world = await NotifyWorld.StartAsync(
            NotifyWorld.To("li", "sms", "+8613800000001", "north"), NotifyWorld.To("south-desk", "sms", "+8613800000002", "south"), NotifyWorld.To("family", "sms", target: "contacts"));
        world.AddContact("138 \"0000\" 0003"); // no number: left out
        world.AddContact("+86-13800000004");
        await world.PressAsync();
        await world.DoneAsync(NotificationState.Delivered, "li");
        world.Time.Advance(TimeSpan.FromSeconds(180));
        var contact = await world.RowAsync(row => row.Recipient.StartsWith("contact-", StringComparison.Ordinal) && row.State == NotificationState.Delivered, "the contact was told");

        var texts = (await world.Gateway.CountAsync(2)).Select(request => JsonNode.Parse(request.Text)!).ToList();
        Assert.Equal(["+8613800000001", "+86-13800000004"], texts.Select(text => (string)text["to"]!));
        Assert.Equal("【CareHub】告警无人响应：紧急呼叫，王桂英, 文晖路 1 号，2026-11-22 12:00。 https://care.example.org/#alarm/home-1.1", (string)texts[0]["text"]!);
        Assert.Equal("【CareHub】王桂英, 文晖路 1 号 发生紧急呼叫（2026-11-22 12:00），值班人员尚未响应，请尽快联系或前往查看。", (string)texts[1]["text"]!);

        await world.ResolveAsync();
        await world.DoneAsync(NotificationState.Delivered, contact.Recipient, NoticeKind.AllClear);
        await world.DoneAsync(NotificationState.Delivered, "li", NoticeKind.AllClear);
        Assert.All(world.Gateway.Received.Skip(2), request => Assert.Contains("无需前往", (string)JsonNode.Parse(request.Text)!["text"]!, StringComparison.Ordinal));
        Assert.Equal(4, world.Gateway.Received.Select(request => request.Key).Distinct().Count());

        // The alarm is closed and its story goes on, in unbroken numbers.
        var story = await world.StoryAsync();
        Assert.Equal(
            ["notified sms:supervisor ***0001:delivered", "escalated policy:critical:unacknowledged:180s:contacts", "notified sms:contacts ***0004:delivered", "resolved disposition:real"],
            story.Skip(2).SkipLast(2).Select(entry => $"{entry.Event} {entry.Reason}"));
        Assert.Equal(
            ["sms:contacts ***0004:all_clear", "sms:supervisor ***0001:all_clear"],
            story.TakeLast(2).Select(entry => entry.Reason).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_mail_that_was_cut_off_after_its_data_comes_again_with_the_same_message_id()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("chief", "email", "chief@example.org"));
        world.Mail.AfterData = number => number == 0 ? null : "250 queued";
        await world.PressAsync();
        world.PassPause(await world.AttemptedAsync(1, "chief"));
        await world.DoneAsync(NotificationState.Delivered, "chief");

        Assert.Equal(2, world.Mail.Mails.Count);
        Assert.All(world.Mail.Mails, mail => Assert.Contains("Message-ID: <home-1.1.2.email.chief@care.example.org>", mail, StringComparison.OrdinalIgnoreCase));
        Assert.Equal("email:supervisor c***@example.org:delivered", (await world.StoryAsync())[^1].Reason);
    }

    [Fact]
    public async Task A_mail_server_that_says_nothing_is_left_in_time_and_tried_again()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("chief", "email", "chief@example.org"));
        var connected = new TaskCompletionSource();
        world.Mail.Greets = connection =>
        {
            connected.TrySetResult();
            return connection > 0;
        };
        await world.PressAsync();
        await connected.Task.WaitAsync(Eventually.Patience);
        world.Time.Advance(Limits.NotifyAttemptMax);
        var row = await world.AttemptedAsync(1, "chief");
        Assert.Equal("timeout", row.LastError);

        world.PassPause(row);
        await world.DoneAsync(NotificationState.Delivered, "chief");
    }

    [Fact]
    public async Task The_mail_server_is_signed_in_to()
    {
        await using var server = new SmtpReceiver();
        var channel = new EmailChannel(new() { Host = "127.0.0.1", Port = server.Port, StartTls = false, User = "hub", Password = "of-the-hub", From = "CareHub <hub@care.example.org>" });
        var message = new Message(
            "k", new Recipient(NotifyChannel.Email, "li", "li@example.org"), NoticeKind.Escalated, EscalationTarget.Supervisor, "home-1.1", 2, DateTimeOffset.UnixEpoch, SignalKind.Button,
            Priority.Critical, DateTimeOffset.UnixEpoch, "home-1", "north", "北社区", null, "主题", "正文", null);

        Assert.Equal(new SendOutcome.Delivered("smtp_250 <k@care.example.org>"), await channel.SendAsync(message, CancellationToken.None));
        Assert.Equal(["AUTH login aHVi", Convert.ToBase64String("of-the-hub"u8)], server.SignIn);
    }

    [Fact]
    public async Task A_mail_that_the_server_never_wants_is_given_up_at_once()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("chief", "email", "gone@example.org"));
        world.Mail.Recipient = "550 5.1.1 no such user";
        await world.PressAsync();

        Assert.Equal((1, "smtp_550"), await world.DoneAsync(NotificationState.GivenUp, "chief") is var row ? (row.Attempts, row.LastError) : default);
        Assert.Equal(("notify_failed", "email:supervisor g***@example.org:smtp_550"), (await world.StoryAsync())[^1]);
    }

    [Fact]
    public async Task Supervisors_see_how_far_each_notification_has_come_within_their_region()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("li", "sms", "+8613800000001"));
        world.Gateway.Answer = number => number == 0 ? HttpReceiver.Say("503 Busy") : HttpReceiver.Ok();
        await world.PressAsync(TestWorld.OtherButton);
        await world.AttemptedAsync(1, "li");

        await using var supervisor = await world.Hub.ConsoleAsync("supervisor");
        var shown = Assert.Single((await supervisor.GetAsync("/api/v1/notifications?alarm=home-2.1")).AsArray())!;
        Assert.Equal(("waiting", 1, "http_503", "***0001"), ((string)shown["state"]!, (int)shown["attempts"]!, (string)shown["lastError"]!, (string)shown["address"]!));
        var counts = (await supervisor.GetAsync("/api/v1/status"))["notifications"]!;
        Assert.Equal((1, 1, 0), ((int)counts["waiting"]!, (int)counts["failedAttempts"]!, (int)counts["delivered"]!));

        await using var north = await world.Hub.ConsoleAsync("north-admin");
        Assert.Equal(HttpStatusCode.NotFound, (await north.Http.GetAsync("/api/v1/notifications?alarm=home-2.1")).StatusCode);
        await using var operators = await world.Hub.ConsoleAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await operators.Http.GetAsync("/api/v1/notifications?alarm=home-2.1")).StatusCode);
    }
}
