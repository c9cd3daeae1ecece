using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Server.Commands;
using CareHub.Server.Replay;
using CareHub.Server.Rules;

namespace CareHub.Server.Tests.Record;

/// <summary>The engine, given again what it was given, does again what is on record.</summary>
public sealed class ReplayTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    public async Task A_history_with_failed_commits_restarts_and_new_rules_replays_exactly(int seed)
    {
        using var history = await RandomHistory.CreateAsync(seed, lives: 4, rounds: 60);

        var report = ExactReplay.Run(history.Data.AlarmsFile);

        Assert.Empty(report.Differences);
        Assert.True(report is { Signals: > 100, Entries: > 200 }, report.ToString());
    }

    [Theory]
    [InlineData("UPDATE signals SET reason = 'rule:other' WHERE position = 5", "step")]
    [InlineData("UPDATE signals SET outcome = 9, alarm_id = NULL WHERE position = (SELECT MIN(position) FROM signals WHERE outcome = 1)", "recorded SignalDecision { Outcome = Recorded")]
    [InlineData("UPDATE timeline SET note = 'other words' WHERE position = 12", "other words")]
    [InlineData("UPDATE alarms SET priority = 4 WHERE closed_at IS NOT NULL AND priority < 4", "as it closed")]
    [InlineData("UPDATE alarms SET tier = tier + 1 WHERE closed_at IS NULL", "open alarm of")]
    [InlineData("DELETE FROM pending; INSERT INTO pending (device_id, kind, site_id, device_kind, region_path, occurred_at, due_at) VALUES ('d9', 19, 'home.0', 'button', '', 1, 2)", "pending Offline of d9")]
    public async Task A_tampered_decision_is_found(string sql, string named)
    {
        using var history = await RandomHistory.CreateAsync(seed: 21);
        history.Tamper(sql);

        using var output = new StringWriter();

        Assert.Equal(1, ReplayCommand.Run(history.Data.AlarmsFile, output));
        Assert.Contains(named, output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_older_than_the_journal_replays_from_where_the_journal_began()
    {
        using var history = await RandomHistory.CreateAsync(seed: 31, lives: 2);
        history.Tamper("DELETE FROM acts; DELETE FROM rule_books; DELETE FROM device_facts; UPDATE signals SET step = NULL, stepped_at = NULL, rules_id = NULL, facts_id = NULL");

        await history.GoOnAsync(lives: 2);

        Assert.Empty(Storage.Alarms.Verification.AlarmVerifier.Run(history.Data.AlarmsFile).Findings);
        var report = ExactReplay.Run(history.Data.AlarmsFile);
        Assert.Empty(report.Differences);
        Assert.True(report.Steps > 50, report.ToString());
    }

    [Fact]
    public async Task Rules_that_this_program_would_refuse_have_held_all_the_same()
    {
        using var history = await RandomHistory.CreateAsync(seed: 40, rules: [0]);
        const string Narrowing = "escalation: {low: {tiers: [{unseen: 60s, to: supervisor}, {unacknowledged: 120s, to: region}]}}";
        history.Tamper($"UPDATE rule_books SET source = '{Narrowing}'");
        var errors = new List<string>();
        Assert.Null(RuleFile.Parse(Narrowing, TimeZoneInfo.Utc, errors));
        Assert.Contains("fewer consoles", Assert.Single(errors), StringComparison.Ordinal);

        Assert.True(ExactReplay.Run(history.Data.AlarmsFile).Steps > 100);
    }

    [Fact]
    public async Task A_candidate_that_changes_nothing_differs_in_nothing()
    {
        using var history = await RandomHistory.CreateAsync(seed: 41, rules: [0]);

        var report = CandidateReplay.Run(history.Data.AlarmsFile, RandomHistory.Book(0), history.Now.AddDays(-1));

        Assert.Empty(report.Listed);
        Assert.NotEmpty(report.Signals);
    }

    [Fact]
    public async Task A_candidate_says_which_signals_it_would_decide_otherwise()
    {
        using var history = await RandomHistory.CreateAsync(seed: 42, rules: [0]);
        var candidate = RuleFile.Parse("signals:\n  water: {priority: low}\n", TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"), [])!;

        var report = CandidateReplay.Run(history.Data.AlarmsFile, candidate, history.Now.AddDays(-1));

        Assert.Contains(report.Counts, count => count.Key is (SignalKind.Water, "raised high", "raised low"));
        Assert.All(report.Listed.Where(each => (each.Recorded.Outcome, each.Candidate.Outcome) is (SignalOutcome.Raised, SignalOutcome.Raised)), each => Assert.Equal(SignalKind.Water, each.Kind));
        Assert.True(report.Events["raised high"].Candidate < report.Events["raised high"].Recorded);

        using var output = new StringWriter();
        Assert.Equal(0, ReplayCommand.DryRun(history.Data.AlarmsFile, candidate, history.Now.AddDays(-1), output));
        Assert.Contains("would be raised low and not raised high", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_candidate_says_nothing_of_the_time_before()
    {
        using var history = await RandomHistory.CreateAsync(seed: 43);

        Assert.Empty(CandidateReplay.Run(history.Data.AlarmsFile, RandomHistory.Book(1), history.Now.AddDays(1)).Signals);
    }
}
