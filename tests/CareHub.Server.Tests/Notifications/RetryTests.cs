using CareHub.Core.Notifications;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Notifications;

/// <summary>At least once, with one key, in order for each recipient, and loud when it fails.</summary>
public sealed class RetryTests
{
    [Fact]
    public async Task A_server_that_fails_hangs_and_asks_for_patience_gets_the_same_key_until_it_takes_it()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("city", "webhook"));
        world.Webhook.Answer = number => number switch
        {
            0 => HttpReceiver.Say("500 Oops"),
            1 => HttpReceiver.Hang(),
            2 => HttpReceiver.Say("429 Slow down", "Retry-After: 100\r\n"),
            _ => HttpReceiver.Ok(),
        };
        await world.PressAsync();
        var first = await world.AttemptedAsync(1, "city");
        Assert.Equal("http_500", first.LastError);
        Assert.InRange(first.NextAt - first.CreatedAt, 1_000, 2_000); // half of the pause is chance

        world.PassPause(first);
        await world.Webhook.CountAsync(2);
        world.Time.Advance(Limits.NotifyAttemptMax);
        var second = await world.AttemptedAsync(2, "city");
        Assert.Equal("timeout", second.LastError);

        world.PassPause(second);
        var third = await world.AttemptedAsync(3, "city");
        Assert.Equal(("http_429", 100_000), (third.LastError, third.NextAt - world.Time.GetUtcNow().ToUnixTimeMilliseconds()));

        world.PassPause(third);
        Assert.Equal(4, (await world.DoneAsync(NotificationState.Delivered, "city")).Attempts);
        Assert.Single(world.Webhook.Received.Select(request => request.Key).Distinct());
    }

    [Fact]
    public async Task A_recipient_hears_the_story_in_order_and_a_channel_that_fails_holds_up_no_other()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("city", "webhook"), NotifyWorld.To("li", "sms", "+8613800000001"));
        world.Webhook.Answer = number => number == 0 ? HttpReceiver.Say("500 Oops") : HttpReceiver.Ok();
        await world.PressAsync();
        var waiting = await world.AttemptedAsync(1, "city");
        await world.DoneAsync(NotificationState.Delivered, "li");
        await world.ResolveAsync();
        await world.DoneAsync(NotificationState.Delivered, "li", NoticeKind.AllClear);
        Assert.Single(world.Webhook.Received);

        world.PassPause(waiting);
        await world.DoneAsync(NotificationState.Delivered, "city", NoticeKind.AllClear);
        Assert.Equal(
            ["home-1.1.2.webhook.city", "home-1.1.2.webhook.city", world.Rows().Single(row => row is { Recipient: "city", Kind: NoticeKind.AllClear }).Key],
            world.Webhook.Received.Select(request => request.Key));
    }

    [Fact]
    public async Task What_will_never_work_is_given_up_and_is_an_alarm_until_the_channel_delivers_again()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("city", "webhook"));
        world.Webhook.Answer = number => number == 0 ? HttpReceiver.Say("401 No") : HttpReceiver.Ok();
        await world.PressAsync();
        Assert.Equal(1, (await world.DoneAsync(NotificationState.GivenUp, "city")).Attempts);
        await world.FaultIsAsync("webhook_gave_up");

        // Whom nobody told needs no all-clear.
        await world.ResolveAsync();
        Assert.Single(world.Rows());

        await world.PressAsync(TestWorld.OtherButton);
        await world.DoneAsync(NotificationState.Delivered, "city");
        await world.FaultIsAsync(null);
    }

    [Fact]
    public async Task A_channel_that_cannot_be_reached_is_an_alarm_after_three_minutes_and_delivers_when_it_is_back()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("li", "sms", "+8613800000001"));
        world.Gateway.Refuse();
        await world.PressAsync();
        var row = await world.AttemptedAsync(1, "li");
        Assert.Equal("unreachable", row.LastError);
        for (var attempt = 2; world.Time.GetUtcNow().ToUnixTimeMilliseconds() - row.CreatedAt <= Limits.NotifyFailingMax.TotalMilliseconds; attempt++)
        {
            world.PassPause(row);
            row = await world.AttemptedAsync(attempt, "li");
        }

        world.Gateway.ListenAgain(); // before the clock moves on: what falls due now gets through
        await world.FaultIsAsync("sms_failing");
        world.Time.Advance(Limits.NotifyPauseMax);
        await world.DoneAsync(NotificationState.Delivered, "li");
        await world.FaultIsAsync(null);
    }

    [Fact]
    public async Task After_six_hours_it_is_given_up()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("city", "webhook"));
        world.Webhook.Answer = _ => HttpReceiver.Say("500 Oops");
        await world.PressAsync();
        await world.AttemptedAsync(1, "city");
        world.Time.Advance(Limits.NotifyAgeMax);

        Assert.Equal((2, "http_500"), await world.DoneAsync(NotificationState.GivenUp, "city") is var row ? (row.Attempts, row.LastError) : default);
    }

    [Fact]
    public async Task A_receipt_that_cannot_be_kept_is_tried_again_and_not_the_sending()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("city", "webhook"));
        var answer = new TaskCompletionSource<string>();
        world.Webhook.Answer = _ => answer.Task;
        await world.PressAsync();
        await world.Webhook.CountAsync(1);
        world.Hub.Ledger.Fail(true);
        var before = world.Hub.Ledger.Arrived;
        answer.SetResult(await HttpReceiver.Ok());
        await Eventually.True(() => world.Hub.Ledger.Arrived > before, "the receipt was tried");
        world.Hub.Ledger.Fail(false);

        await Eventually.True(
            () =>
            {
                world.Time.Advance(TimeSpan.FromSeconds(1));
                return world.Rows()[0].State == NotificationState.Delivered;
            },
            "the receipt is kept");
        Assert.Single(world.Webhook.Received, request => request.Key == "home-1.1.2.webhook.city");
    }

    [Fact]
    public async Task What_waited_when_the_hub_stopped_goes_on_and_what_lost_its_channel_is_given_up()
    {
        await using var world = await NotifyWorld.StartAsync(NotifyWorld.To("city", "webhook"), NotifyWorld.To("li", "sms", "+8613800000001"));
        world.Webhook.Answer = number => number == 0 ? HttpReceiver.Say("500 Oops") : HttpReceiver.Ok();
        world.Gateway.Answer = _ => HttpReceiver.Say("500 Oops");
        await world.PressAsync();
        await world.AttemptedAsync(1, "city");
        await world.AttemptedAsync(1, "li");
        await world.Hub.RestartAsync(() =>
        {
            world.Hub.Options.Notify.Sms = null;
            world.Hub.Options.Notify.Recipients.RemoveAt(1);
            return Task.CompletedTask;
        });

        world.Time.Advance(Limits.NotifyPauseMin);
        Assert.Equal(2, (await world.DoneAsync(NotificationState.Delivered, "city")).Attempts);
        Assert.Equal("not_configured", (await world.DoneAsync(NotificationState.GivenUp, "li")).LastError);
    }
}
