using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CareHub.Core.Alarms;
using CareHub.Server.Rules;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Alarms;
using CareHub.Storage.Alarms.Verification;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Rules;

/// <summary>A change of the rules has an author, a time and a reason, and is taken whole or not at all.</summary>
public sealed class RuleChangeTests : IAsyncLifetime
{
    private const string Calmer = "signals:\n  button: { priority: high, latching: true }\n";

    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync(_time);

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task An_administrator_changes_the_rules_and_the_next_signal_is_decided_by_them()
    {
        await using var admin = await _hub.ConsoleAsync("admin");
        var before = await admin.GetAsync("/api/v1/rules");

        var answer = await admin.Http.PutAsJsonAsync("/api/v1/rules", new { source = Calmer, version = (string?)before["version"], reason = "trial ward" });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var after = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        await using var button = await _hub.DeviceAsync(TestWorld.Button);
        await button.SignalAsync("""{"id":"1","type":"button"}""");
        Assert.Equal(Priority.High, Assert.Single(_hub.OpenAlarms().Alarms.ToList()).Priority);
        var entry = Changes().Single();
        Assert.Equal(("admin", $"rules:{before["version"]}_to_{after["version"]}", "trial ward"), (entry.AuthorId, entry.Reason, entry.Note));
        Assert.Empty(AlarmVerifier.Run(Path.Combine(_hub.DataDirectory, "alarms.db")).Findings);

        // It stands in the file, and is the same after a restart.
        await _hub.RestartAsync();
        await using var again = await _hub.ConsoleAsync("admin");
        Assert.Equal((string?)after["version"], (string?)(await again.GetAsync("/api/v1/rules"))["version"]);
        Assert.Single(Changes());
    }

    [Fact]
    public async Task Rules_with_errors_are_not_taken_and_every_error_is_named_with_its_line()
    {
        await using var admin = await _hub.ConsoleAsync("admin");
        var version = (string?)(await admin.GetAsync("/api/v1/rules"))["version"];
        var wrong = new { source = "signals:\n  button: { priority: urgent }\ncolour: red\n", version, reason = "trial" };

        var refused = await admin.Http.PutAsJsonAsync("/api/v1/rules", wrong);
        var (_, check) = await admin.PostAsync("/api/v1/rules/check", wrong);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal(["line 2", "line 3"], check!["errors"]!.AsArray().Select(error => ((string)error!)[..6]));
        Assert.Equal(version, _hub.Services.GetRequiredService<RuleView>().Current.Version);
        Assert.False(File.Exists(Path.Combine(_hub.DataDirectory, "rules.yaml")));
    }

    [Fact]
    public async Task An_override_that_names_what_is_not_there_is_named_and_the_shipped_rules_name_nothing_of_the_kind()
    {
        await using var admin = await _hub.ConsoleAsync("admin");
        const string Source = """
            overrides:
              - { name: of-a-region, when: { region: nowhere }, signals: { button: { priority: high } } }
              - { name: of-a-site, when: { site: home-x }, signals: { button: { priority: high } } }
              - { name: of-a-device, when: { device: button-x }, signals: { button: { priority: high } } }
              - { name: of-a-kind, when: { device_kind: smok_detector }, signals: { button: { priority: high } } }
              - { name: of-something, when: { site: home-1, device_kind: emergency_button }, signals: { button: { priority: high } } }
            """;

        var (_, check) = await admin.PostAsync("/api/v1/rules/check", new { source = Source });

        Assert.Empty(check!["errors"]!.AsArray());
        Assert.Equal(
            [
                "override 'of-a-region' applies nowhere: there is no region 'nowhere'",
                "override 'of-a-site' applies nowhere: there is no site 'home-x'",
                "override 'of-a-device' applies nowhere: there is no device 'button-x'",
                "override 'of-a-kind' applies nowhere: no device is of kind 'smok_detector'",
            ],
            check["warnings"]!.AsArray().Select(warning => (string?)warning));
        Assert.Empty((await admin.GetAsync("/api/v1/rules"))["warnings"]!.AsArray());
    }

    [Fact]
    public async Task A_change_of_rules_that_somebody_else_has_changed_meanwhile_is_a_conflict()
    {
        await using var admin = await _hub.ConsoleAsync("admin");
        var version = (string?)(await admin.GetAsync("/api/v1/rules"))["version"];
        await admin.Http.PutAsJsonAsync("/api/v1/rules", new { source = Calmer, version, reason = "first" });

        var second = await admin.Http.PutAsJsonAsync("/api/v1/rules", new { source = "", version, reason = "second" });

        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
    }

    [Theory]
    [InlineData("supervisor")]
    [InlineData("north-admin")]
    [InlineData("operator")]
    public async Task Only_an_administrator_of_everything_may_change_them(string user)
    {
        await using var console = await _hub.ConsoleAsync(user);

        var answer = await console.Http.PutAsJsonAsync("/api/v1/rules", new { source = Calmer, version = _hub.Services.GetRequiredService<RuleView>().Current.Version, reason = "x" });

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_change_made_in_the_file_is_on_record_too_also_one_made_while_the_hub_was_away()
    {
        await File.WriteAllTextAsync(Path.Combine(_hub.DataDirectory, "rules.yaml"), Calmer);
        await _hub.Services.GetRequiredService<RuleView>().LookAsync();
        Assert.Equal("rules", Changes().Single().AuthorId);

        await _hub.RestartAsync(() => File.WriteAllTextAsync(Path.Combine(_hub.DataDirectory, "rules.yaml"), Calmer + "# again\n"));

        await Eventually.True(() => Changes().Count == 2, "the change is on record");
        Assert.Equal("found at the start", Changes()[^1].Note);
    }

    private List<TimelineRow> Changes()
    {
        using var context = _hub.OpenAlarms();
        return [.. context.Timeline.Where(row => row.Event == AlarmEvent.RulesChanged).OrderBy(row => row.Position)];
    }
}
