using System.Globalization;
using CareHub.Server.Notifications;
using CareHub.Server.Tests.Support;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Signals;
using CareHub.Storage.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Notifications;

/// <summary>The rota: who is on duty when an alarm escalates.</summary>
public sealed class DutyHoursTests
{
    // 2026-11-23 is a Monday.
    [Theory]
    [InlineData("", "", "2026-11-28 03:00", true)]
    [InlineData("mon-fri", "", "2026-11-27 23:59", true)]
    [InlineData("mon-fri", "", "2026-11-28 00:00", false)]
    [InlineData("sat,sun", "08:00-18:00", "2026-11-29 08:00", true)]
    [InlineData("sat,sun", "08:00-18:00", "2026-11-29 18:00", false)]
    [InlineData("fri", "18:00-08:00", "2026-11-27 18:00", true)]
    [InlineData("fri", "18:00-08:00", "2026-11-28 07:59", true)]
    [InlineData("fri", "18:00-08:00", "2026-11-28 08:00", false)]
    [InlineData("fri", "18:00-08:00", "2026-11-27 07:59", false)]
    [InlineData("sun-mon", "", "2026-11-23 12:00", true)]
    [InlineData("sun-mon", "", "2026-11-24 12:00", false)]
    public void A_shift_covers_its_days_and_hours_and_belongs_to_the_day_it_begins_on(string days, string hours, string local, bool covers) =>
        Assert.Equal(covers, DutyHours.Parse(days, hours, [])!.Covers(DateTime.Parse(local, CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("2026-11-23T03:00:00Z", new[] { "day" })] // 11:00 in Shanghai
    [InlineData("2026-11-23T15:00:00Z", new[] { "night" })] // 23:00
    [InlineData("2026-11-23T11:30:00Z", new[] { "day", "night" })] // 19:30: a hole in the rota
    public async Task Who_is_on_duty_is_told_and_where_nobody_is_all_are(string at, string[] told)
    {
        await using var hub = await TestHub.StartAsync(new ManualTime(), options =>
        {
            options.TimeZone = "Asia/Shanghai";
            options.Notify.Webhook = new() { Url = "https://city.example.org", Secret = "a-secret-of-some-length" };
            options.Notify.Recipients.Add(new() { Name = "day", Channel = "webhook", Hours = "08:00-19:00" });
            options.Notify.Recipients.Add(new() { Name = "night", Channel = "webhook", Hours = "20:00-08:00" });
        });
        var time = DateTimeOffset.Parse(at, CultureInfo.InvariantCulture);
        var alarm = new Alarm
        {
            Id = "home-1.1", SiteId = "home-1", Number = 1, DeviceId = TestWorld.Button, Kind = SignalKind.Button, Priority = Priority.Critical, RaisedAt = time, OccurredAt = time, LastSignalAt = time,
            AnnunciatedAt = time, ActivatedAt = time, Policy = "critical", IncidentId = "home-1.1", Version = 1, AnnunciatedVersion = 1, DecisiveVersion = 1, EscalatedAt = time,
        };

        var recipients = hub.Services.GetRequiredService<AddressBook>().For(alarm, EscalationTarget.Supervisor);

        Assert.Equal(told, recipients.Select(recipient => recipient.Id));
    }
}
