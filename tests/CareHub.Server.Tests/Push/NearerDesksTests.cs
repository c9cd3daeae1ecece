using System.Text.Json.Nodes;
using CareHub.Server.Push;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Push;

/// <summary>A console is told which desks are nearer to an alarm than itself: those on duty below its own region.</summary>
public sealed class NearerDesksTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync(_time);

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task It_is_told_when_a_desk_comes_is_no_longer_confirmed_and_leaves()
    {
        await using var above = await FollowAsync("operator");
        await using (var north = await FollowAsync("north"))
        {
            await north.InvokeAsync("ReportAudio", new { ok = true, confirmed = true });
            Assert.Equal(["north 北社区"], await ToldAsync(above, "north"));

            await north.InvokeAsync("ReportAudio", new { ok = true, confirmed = false });
            Assert.Empty(await ToldAsync(above));

            await north.InvokeAsync("ReportAudio", new { ok = true, confirmed = true });
            Assert.Equal(["north 北社区"], await ToldAsync(above, "north"));
        }

        Assert.Empty(await ToldAsync(above));
    }

    [Fact]
    public async Task The_first_answer_says_it_too_and_a_heartbeat_comes_after_what_it_vouches_for()
    {
        await using var above = await FollowAsync("operator");
        await above.NextAsync("heartbeat");
        await using var north = await FollowAsync("north");
        await north.InvokeAsync("ReportAudio", new { ok = true, confirmed = true });
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("desks", (string)(await above.Pushed.ReadAsync())["target"]!);
        Assert.Equal("heartbeat", (string)(await above.Pushed.ReadAsync())["target"]!);

        await using var later = await _hub.ConsoleAsync("second");
        await later.ConnectAsync();
        Assert.Equal(["north 北社区"], Regions((await later.InvokeAsync("Subscribe", [null]))["desks"]!));
    }

    [Fact]
    public async Task A_desk_is_not_told_of_itself_nor_of_others_beside_or_above_it()
    {
        await using var above = await FollowAsync("operator");
        await using var south = await FollowAsync("south");
        await above.InvokeAsync("ReportAudio", new { ok = true, confirmed = true });
        await south.InvokeAsync("ReportAudio", new { ok = true, confirmed = true });

        await using var north = await _hub.ConsoleAsync("north");
        await north.ConnectAsync();
        await north.InvokeAsync("ReportAudio", new { ok = true, confirmed = true });
        Assert.Empty(Regions((await north.InvokeAsync("Subscribe", [null]))["desks"]!));
    }

    [Fact]
    public async Task A_desk_that_subscribes_anew_has_not_left()
    {
        await using var north = await FollowAsync("north");
        await north.InvokeAsync("ReportAudio", new { ok = true, confirmed = true });
        var before = Duty;
        await north.InvokeAsync("Subscribe", [null]);
        await north.InvokeAsync("Viewing", [null]);
        Assert.Same(before, Duty);
    }

    [Fact]
    public void Too_many_desks_are_not_told_and_the_console_sounds_for_everything()
    {
        var regions = Enumerable.Range(0, Limits.NearerDesksMax + 1).Select(n => $"c{n}").ToDictionary(id => id, id => new RegionEntry(id, id, "community", ["all", id]));
        Assert.Null(NearerDesks.Below("all", [.. regions.Keys], regions));
        Assert.Equal(Limits.NearerDesksMax, NearerDesks.Below("all", [.. regions.Keys.Skip(1)], regions)!.Count);
    }

    private DutyRoster Duty => _hub.Services.GetRequiredService<ConsoleBook>().Duty;

    private async Task<TestConsole> FollowAsync(string user)
    {
        var console = await _hub.ConsoleAsync(user);
        await console.ConnectAsync();
        await console.InvokeAsync("Subscribe", [null]);
        return console;
    }

    /// <summary>What the console hears within a second of these regions being on duty.</summary>
    private async Task<IEnumerable<string>> ToldAsync(TestConsole console, params string[] onDuty)
    {
        await Eventually.True(() => Duty.Regions.SetEquals(onDuty), $"on duty: {string.Join(' ', onDuty)}");
        _time.Advance(TimeSpan.FromSeconds(1));
        var desks = await console.NextAsync("desks");
        Assert.Equal(Duty.Number, (long)desks["number"]!);
        return Regions(desks);
    }

    private static IEnumerable<string> Regions(JsonNode desks) => desks["regions"]!.AsArray().Select(region => $"{region!["id"]} {region["name"]}");
}
