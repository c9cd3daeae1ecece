using System.Net;
using CareHub.Core.Alarms;
using CareHub.Server.Push;
using CareHub.Server.Rules;
using CareHub.Server.Security;
using CareHub.Server.SelfWatch;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Pipeline;

/// <summary>Promise 3 through the whole hub: unseen escalates, across a restart, until a person answers.</summary>
public sealed class EscalationTests : IAsyncLifetime
{
    private const string Id = "home-1.1";
    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync(_time);

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task An_alarm_that_nobody_answers_goes_up_on_time_and_a_restart_delays_nothing()
    {
        await PressAsync();
        await AfterAsync(5, "escalated to region");
        _time.Advance(TimeSpan.FromSeconds(20));
        await _hub.RestartAsync();

        await AfterAsync(5, "escalated to next_level");
        await AfterAsync(30, "escalated to supervisor");
        await AfterAsync(120, "escalated to contacts");
    }

    [Fact]
    public async Task A_sighting_by_a_console_stops_the_clock_of_the_unseen()
    {
        await using var console = await _hub.ConsoleAsync();
        await console.ConnectAsync();
        await console.InvokeAsync("Subscribe", [null]);
        await PressAsync();
        await console.InvokeAsync("Seen", (object)new[] { Id });

        _time.Advance(TimeSpan.FromSeconds(29));
        await console.PostAsync($"/api/v1/alarms/{Id}/notes", new { note = "still looking" }); // a commit behind whatever the clock has set off
        Assert.DoesNotContain("escalated", await EventsAsync());
    }

    [Fact]
    public async Task Without_a_console_that_covers_the_site_it_goes_straight_to_the_supervisors()
    {
        await using var empty = await TestHub.StartAsync(_time, staffed: false);
        await using var south = await empty.ConsoleAsync("south");
        await south.ConnectAsync();
        await south.InvokeAsync("Subscribe", [null]);
        await using var device = await empty.DeviceAsync(TestWorld.Button);
        await device.SignalAsync("""{"id":"1","type":"button"}""");

        await using var reader = await empty.ConsoleAsync();
        Assert.Equal("supervisor", (string)(await reader.GetAsync($"/api/v1/alarms/{Id}"))["escalation"]!["to"]!);
    }

    [Fact]
    public async Task What_waited_before_it_was_raised_goes_straight_to_the_supervisors_too_where_nobody_sits()
    {
        await using var empty = await TestHub.StartAsync(_time, staffed: false);
        await File.WriteAllTextAsync(Path.Combine(empty.DataDirectory, "rules.yaml"), "signals: { water: { priority: high, delay: 30s } }");
        await empty.Services.GetRequiredService<RuleView>().LookAsync();
        await using var device = await empty.DeviceAsync(TestWorld.Smoke);
        await device.SignalAsync("""{"id":"1","type":"water"}""");
        Assert.Empty(empty.OpenAlarms().Alarms);

        _time.Advance(TimeSpan.FromSeconds(30));

        await Eventually.True(() => empty.OpenAlarms().Alarms.SingleOrDefault()?.EscalatedTo == Core.Escalation.EscalationTarget.Supervisor, "the supervisors are told at once");
    }

    [Fact]
    public async Task A_desk_that_was_left_hands_on_what_nobody_has_answered_after_half_a_minute_and_not_for_a_reload()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Smoke);
        await device.SignalAsync("""{"id":"1","type":"water"}""");
        var (desks, consoles) = (_hub.Services.GetRequiredService<DeskWatch>(), _hub.Services.GetRequiredService<ConsoleBook>());
        consoles.Remove("desk");
        await desks.LookAsync();
        _time.Advance(TimeSpan.FromSeconds(20));
        consoles.Add("desk", new Caller("desk", "desk", Roles.Operator, RegistryStore.RootRegionId));
        await desks.LookAsync();
        consoles.Remove("desk");
        await desks.LookAsync();
        _time.Advance(TimeSpan.FromSeconds(20));
        await desks.LookAsync();
        Assert.Null(_hub.OpenAlarms().Alarms.Single().EscalatedTo);

        _time.Advance(TimeSpan.FromSeconds(10));
        await desks.LookAsync();

        Assert.Equal(Core.Escalation.EscalationTarget.Supervisor, _hub.OpenAlarms().Alarms.Single().EscalatedTo);
        await desks.LookAsync();
        Assert.Equal(["raised", "escalated"], await EventsAsync());
    }

    [Fact]
    public async Task A_carers_tablet_is_no_desk_and_a_confirmed_fire_stays_with_the_supervisors()
    {
        await using var empty = await TestHub.StartAsync(_time, staffed: false);
        empty.Services.GetRequiredService<ConsoleBook>().Add("tablet", new Caller("carer", "carer", Roles.CareStaff, RegistryStore.RootRegionId));
        await using var smoke = await empty.DeviceAsync(TestWorld.Smoke);
        await smoke.SignalAsync("""{"id":"1","type":"smoke"}""");
        await using var button = await empty.DeviceAsync(TestWorld.Button);
        await button.SignalAsync("""{"id":"2","type":"heat"}""");

        var alarms = empty.OpenAlarms().Alarms.ToList();
        Assert.Equal(2, alarms.Count);
        Assert.All(alarms, alarm => Assert.Equal((IncidentKind.ConfirmedFire, Core.Escalation.EscalationTarget.Supervisor), (alarm.Incident, alarm.EscalatedTo!.Value)));
    }

    [Fact]
    public async Task A_changed_rule_file_moves_deadlines_without_a_restart_and_a_broken_one_changes_nothing()
    {
        await PressAsync();
        var file = Path.Combine(_hub.DataDirectory, "rules.yaml");
        await File.WriteAllTextAsync(file, "escalation: { critical: { tiers: [{ unseen: 2s, to: contacts }] } }");
        var rules = _hub.Services.GetRequiredService<RuleView>();
        await rules.LookAsync(); // it was not there at the start

        await AfterAsync(2, "escalated to contacts");
        var version = rules.Current.Version;

        await File.WriteAllTextAsync(file, "escalation: { critical: { tiers: [{ unseen: soon, to: contacts }] } }");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddSeconds(10));
        await rules.LookAsync();
        Assert.Equal(version, rules.Current.Version);
        Assert.Contains("'soon' must be a time", rules.Errors[0], StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "escalation: { critical: { tiers: [{ unseen: 2s, to: contacts }, { unacknowledged: 4s, to: supervisor }] } }");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddSeconds(20));
        await rules.LookAsync();
        await AfterAsync(2, "escalated to supervisor");
    }

    [Fact]
    public async Task The_response_goes_from_dispatch_to_the_scene_and_only_who_was_sent_may_report_it()
    {
        await PressAsync();
        await using var console = await _hub.ConsoleAsync();
        await using var carer = await _hub.ConsoleAsync("north");
        await using var stranger = await _hub.ConsoleAsync("second");
        var staff = (await console.GetAsync($"/api/v1/alarms/{Id}/staff")).AsArray().Select(each => (string)each!["user"]!);
        Assert.Equal(["admin", "north", "north-admin", "operator", "second", "supervisor"], staff);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await console.PostAsync($"/api/v1/alarms/{Id}/dispatch", new { version = 1, to = "south" })).Status);

        var (_, sent) = await console.PostAsync($"/api/v1/alarms/{Id}/dispatch", new { version = 1, to = "north" });
        Assert.Equal(("dispatched", "north", "operator"), ((string)sent!["stage"]!, (string)sent["assignedTo"]!["user"]!, (string)sent["claimedBy"]!["user"]!));
        Assert.Equal("not_assigned", (string)(await stranger.PostAsync($"/api/v1/alarms/{Id}/accept", new { version = 2 })).Body!["code"]!);
        foreach (var step in new[] { "accept", "en-route", "on-scene" })
        {
            Assert.Equal(HttpStatusCode.OK, (await carer.PostAsync($"/api/v1/alarms/{Id}/{step}", new { version = 2 })).Status);
        }

        Assert.Equal("wrong_stage", (string)(await carer.PostAsync($"/api/v1/alarms/{Id}/accept", new { version = 6 })).Body!["code"]!);
        Assert.Equal(HttpStatusCode.OK, (await carer.PostAsync($"/api/v1/alarms/{Id}/resolve", new { version = 6, disposition = "real" })).Status);
        Assert.Equal(["raised", "acknowledged", "dispatched", "accepted", "en_route", "on_scene", "resolved"], await EventsAsync());
    }

    [Fact]
    public async Task A_shelf_is_on_the_list_while_it_stands_and_covers_only_its_region()
    {
        await using var console = await _hub.ConsoleAsync("north");
        await using var south = await _hub.ConsoleAsync("south");
        Assert.Equal(HttpStatusCode.NotFound, (await south.PostAsync("/api/v1/sites/home-1/shelves", new { deviceId = TestWorld.Button, reason = "x", minutes = 60 })).Status);
        Assert.Equal("not_allowed", (string)(await console.PostAsync("/api/v1/sites/home-1/shelves", new { kind = "smoke", reason = "cooking", minutes = 60 })).Body!["code"]!);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await console.PostAsync("/api/v1/sites/home-1/shelves", new { kind = "tamper", reason = "x", minutes = 481 })).Status);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await console.PostAsync("/api/v1/sites/home-1/shelves", new { deviceId = TestWorld.OtherButton, reason = "of another site", minutes = 60 })).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await console.PostAsync("/api/v1/sites/home-1/maintenance", new { mode = "walk_test", deviceId = "smoke-9", reason = "mistyped", minutes = 60 })).Status);

        await using var admin = await _hub.ConsoleAsync("admin");
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync("/api/v1/sites/hub/shelves", new { deviceId = "hub-disk", reason = "ordered a new one", minutes = 60 })).Status);

        var (status, begun) = await console.PostAsync("/api/v1/sites/home-1/shelves", new { kind = "tamper", reason = "painters", minutes = 60 });
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("painters", (string)Assert.Single((await console.GetAsync("/api/v1/shelves")).AsArray())!["reason"]!);
        Assert.Empty((await south.GetAsync("/api/v1/shelves")).AsArray());
        await _hub.RestartAsync();
        Assert.Single((await console.GetAsync("/api/v1/shelves", _hub.Url)).AsArray());

        await using var device = await _hub.DeviceAsync(TestWorld.Smoke);
        await device.SignalAsync("""{"id":"1","type":"tamper"}""");
        Assert.Equal("shelved", (string)(await console.GetAsync($"/api/v1/alarms/{Id}", _hub.Url))["state"]!);
        _time.Advance(TimeSpan.FromMinutes(60));
        await Eventually.True(() => _hub.OpenAlarms().Alarms.Single(alarm => alarm.Id == Id).SuppressedBy is null, "the shelf is over");
        Assert.Empty((await console.GetAsync("/api/v1/shelves", _hub.Url)).AsArray());
        Assert.NotNull(begun);
    }

    private async Task PressAsync()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await device.SignalAsync("""{"id":"1","type":"button"}""");
    }

    private async Task AfterAsync(int seconds, string what)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await Eventually.True(() => _hub.OpenAlarms().Alarms.Single() is { EscalatedTo: { } to } && $"escalated to {Core.Words<Core.Escalation.EscalationTarget>.Of(to)}" == what, what);
    }

    private async Task<List<string>> EventsAsync()
    {
        await using var reader = await _hub.ConsoleAsync();
        return [.. (await reader.GetAsync($"/api/v1/alarms/{Id}"))["timeline"]!.AsArray().Select(entry => (string)entry!["event"]!)];
    }
}
