using CareHub.Core.Notifications;
using CareHub.Server.Configuration;
using CareHub.Server.Notifications;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Alarms;
using CareHub.Storage.Registry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Notifications;

/// <summary>A hub without anybody at a desk, so that a press goes straight to the supervisors, and receivers for all three channels.</summary>
internal sealed class NotifyWorld : IAsyncDisposable
{
    public const string Secret = "a secret that both sides know";
    public const string Alarm = "home-1.1";

    public ManualTime Time { get; } = new();

    public HttpReceiver Webhook { get; } = new();

    public HttpReceiver Gateway { get; } = new();

    public SmtpReceiver Mail { get; } = new();

    public TestHub Hub { get; private set; } = null!;

    public static NotifyOptions.RecipientOptions To(string name, string channel, string to = "", string region = "all", string target = "supervisor") =>
        new() { Name = name, Channel = channel, To = to, Region = region, Target = target };

    public static async Task<NotifyWorld> StartAsync(params NotifyOptions.RecipientOptions[] recipients)
    {
        var world = new NotifyWorld();
        world.Hub = await TestHub.StartAsync(world.Time, options => world.Configure(options, recipients), staffed: false);
        return world;
    }

    private void Configure(HubOptions options, NotifyOptions.RecipientOptions[] recipients)
    {
        options.PublicUrl = "https://care.example.org/";
        options.Notify.Webhook = new() { Url = Webhook.Url, Secret = Secret };
        options.Notify.Email = new() { Host = "127.0.0.1", Port = Mail.Port, StartTls = false, From = "hub@care.example.org" };
        options.Notify.Sms = new() { Url = Gateway.Url };
        Array.ForEach(recipients, options.Notify.Recipients.Add);
        Assert.Empty(options.Validate());
    }

    public async Task PressAsync(string device = TestWorld.Button)
    {
        await using var connection = await Hub.DeviceAsync(device);
        await connection.SignalAsync($$"""{"id":"{{Guid.NewGuid():N}}","type":"button"}""");
    }

    public async Task ResolveAsync()
    {
        await using var console = await Hub.ConsoleAsync();
        var version = (int)(await console.GetAsync($"/api/v1/alarms/{Alarm}"))["version"]!;
        Assert.Equal(System.Net.HttpStatusCode.OK, (await console.PostAsync($"/api/v1/alarms/{Alarm}/resolve", new { version, disposition = "real" })).Status);
    }

    public List<OutboxRow> Rows()
    {
        using var context = Hub.OpenAlarms();
        return [.. context.Outbox.AsNoTracking().OrderBy(row => row.Position)];
    }

    public Task<OutboxRow> RowAsync(Func<OutboxRow, bool> condition, string what) =>
        Eventually.Value(() => Task.FromResult(Rows().FirstOrDefault(condition)), what);

    public Task<OutboxRow> AttemptedAsync(int attempts, string recipient) =>
        RowAsync(row => row.Recipient == recipient && row.Attempts == attempts, $"attempt {attempts} for {recipient} is on record");

    public Task<OutboxRow> DoneAsync(NotificationState state, string recipient, NoticeKind kind = NoticeKind.Escalated) =>
        RowAsync(row => row.Recipient == recipient && row.State == state && row.Kind == kind, $"{kind} for {recipient} is {state}");

    /// <summary>Lets the pause after a failed attempt pass, and no more.</summary>
    public void PassPause(OutboxRow row) => Time.Advance(DateTimeOffset.FromUnixTimeMilliseconds(row.NextAt) - Time.GetUtcNow());

    /// <summary>The open alarm about notifications, or null, as the watch sees it at its next look.</summary>
    public async Task FaultIsAsync(string? reason)
    {
        Time.Advance(NotifyWatch.LookEvery);
        await Eventually.True(
            () =>
            {
                using var context = Hub.OpenAlarms();
                return context.Alarms.AsNoTracking().Where(row => row.DeviceId == HubSite.Notify && row.ClosedAt == null).Select(row => row.Zone).SingleOrDefault() == reason;
            },
            $"the alarm about notifications says {reason ?? "nothing"}");
    }

    public async Task<List<(string Event, string Reason)>> StoryAsync()
    {
        await using var console = await Hub.ConsoleAsync();
        return [.. (await console.GetAsync($"/api/v1/alarms/{Alarm}"))["timeline"]!.AsArray().Select(entry => ((string)entry!["event"]!, (string)entry["reason"]!))];
    }

    public void AddContact(string phone)
    {
        using (var context = Hub.Services.GetRequiredService<RegistryStore>().CreateContext())
        {
            context.Set<ContactRow>().Add(new ContactRow { ResidentId = "r-1", Name = "王小明", Relation = "son", Phone = phone });
            context.SaveChanges();
        }

        Hub.Services.GetRequiredService<RegistryView>().Reload();
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        await Webhook.DisposeAsync();
        await Gateway.DisposeAsync();
        await Mail.DisposeAsync();
    }
}
