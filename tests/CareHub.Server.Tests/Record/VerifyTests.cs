using CareHub.Core.Signals;
using CareHub.Server.Commands;
using CareHub.Storage.Alarms.Verification;

namespace CareHub.Server.Tests.Record;

/// <summary>What is on record is true in itself; and whatever is changed behind the hub's back is found and named.</summary>
public sealed class VerifyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_record_of_a_real_run_is_clean(int seed)
    {
        using var history = await RandomHistory.CreateAsync(seed);

        var report = AlarmVerifier.Run(history.Data.AlarmsFile);

        Assert.Empty(report.Findings);
        Assert.True(report is { Signals: > 50, Alarms: > 10, Timeline: > 100 }, report.ToString());
    }

    [Theory]
    [InlineData("a timeline row edited", "UPDATE timeline SET reason = 'other' WHERE position = 7", "chain: timeline row 7")]
    [InlineData("a timeline row taken out", "DELETE FROM timeline WHERE position = 9", "chain: timeline row 10")]
    [InlineData("the last timeline row taken out", "DELETE FROM timeline WHERE position = (SELECT MAX(position) FROM timeline)", "where the timeline says|does not remember it")]
    [InlineData("two timeline rows swapped", "UPDATE timeline SET position = -1 WHERE position = 5; UPDATE timeline SET position = 5 WHERE position = 6; UPDATE timeline SET position = 6 WHERE position = -1", "chain: timeline row 5")]
    [InlineData("a hash changed", "UPDATE timeline SET hash = zeroblob(32) WHERE position = 4", "chain: timeline row 4")]
    [InlineData("a link that leaves an entry out", "UPDATE timeline SET previous = 0 WHERE position = (SELECT MAX(position) FROM timeline WHERE previous > 0)", "comes next|where the timeline says")]
    [InlineData("a link to another alarm's entry", "UPDATE alarms SET last_entry = (SELECT last_entry FROM alarms WHERE rowid = 2) WHERE rowid = 1", "the links lead to entry")]
    [InlineData("a link that goes in a circle", "UPDATE timeline SET previous = position WHERE position = (SELECT MAX(position) FROM timeline WHERE previous > 0)", "comes next|where the timeline says")]
    [InlineData("an entry that nothing leads to", "INSERT INTO timeline SELECT (SELECT MAX(position) + 1 FROM timeline), alarm_id, seq, at, event, author_kind, author_id, author_name, reason, note, hash, 0 FROM timeline WHERE position = (SELECT MIN(last_entry) FROM alarms)", "the links from alarms lead to")]
    [InlineData("a version changed", "UPDATE alarms SET version = version + 1 WHERE rowid = 3", "version is")]
    [InlineData("a count changed", "UPDATE alarms SET count = count + 1 WHERE rowid = 2", "signals are on record|counts")]
    [InlineData("an alarm closed by hand", "UPDATE alarms SET closed_at = 1, disposition = 1, active = 0, acknowledged = 1 WHERE rowid = (SELECT MIN(rowid) FROM alarms WHERE closed_at IS NULL)", "closed_at is 1")]
    [InlineData("an alarm acknowledged by hand", "UPDATE alarms SET acknowledged = 1 WHERE rowid = (SELECT MIN(rowid) FROM alarms WHERE acknowledged = 0)", "acknowledged is True")]
    [InlineData("an owner invented", "UPDATE alarms SET claimed_by = 'nobody' WHERE rowid = 1", "claimed_by is nobody")]
    [InlineData("an alarm taken out", "DELETE FROM alarms WHERE number = 1 AND site_id = 'home.0'", "there is no such alarm")]
    [InlineData("a signal that names no alarm of this world", "UPDATE signals SET alarm_id = 'home.0.999' WHERE position = (SELECT MIN(position) FROM signals WHERE alarm_id IS NOT NULL)", "names alarm home.0.999")]
    [InlineData("a signal taken out", "DELETE FROM signals WHERE position = 11", "signal: signal row 12")]
    [InlineData("memory overwritten", "UPDATE site_memory SET memory = X'7B6F6F' WHERE site_id = 'home.1'", "memory: site_memory of home.1")]
    [InlineData("memory taken out", "UPDATE site_memory SET memory = CAST('{\"lastSilence\":0,\"shelves\":[],\"maintenance\":[],\"activations\":[],\"raisedFrom\":\"2026-01-01T00:00:00Z\",\"raised\":0}' AS BLOB)", "its site does not remember it")]
    [InlineData("two open alarms of a kind", "DROP INDEX ix_alarms_one_open; UPDATE alarms SET closed_at = NULL", "are open together")]
    [InlineData("an act taken out", "DELETE FROM acts WHERE step = (SELECT MIN(step) FROM acts)", "journal: step")]
    [InlineData("an act overwritten", "UPDATE acts SET command = X'00' WHERE step = (SELECT MIN(step) FROM acts WHERE command IS NOT NULL)", "journal: act of step")]
    [InlineData("rules taken out", "DELETE FROM rule_books WHERE id = 1", "refers to rules")]
    [InlineData("a table index that lies", "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '(\"raised_at\")', '(\"closed_at\")') WHERE name = 'IX_alarms_raised_at'; PRAGMA writable_schema = OFF", "file: alarms.db")]
    public async Task Each_corruption_is_found_and_named(string what, string sql, string named)
    {
        using var history = await RandomHistory.CreateAsync(seed: 4);
        history.Tamper(sql);

        using var output = new StringWriter();
        var exit = VerifyCommand.Run(history.Data.AlarmsFile, output);

        Assert.True(exit == 1, what);
        Assert.True(named.Split('|').Any(part => output.ToString().Contains(part, StringComparison.Ordinal)), $"{what}: {output}");
    }

    [Fact]
    public async Task A_condition_of_any_kind_may_wait_and_one_of_no_kind_is_named()
    {
        using var history = await RandomHistory.CreateAsync(seed: 6, lives: 1, rounds: 3);
        var kinds = Enum.GetValues<SignalKind>().Select(kind => (int)kind).ToList();
        history.Tamper(string.Concat(kinds.Append(kinds.Max() + 1).Select(kind =>
            $"INSERT INTO pending (device_id, kind, site_id, device_kind, region_path, occurred_at, due_at) VALUES ('waits', {kind}, 'home.0', 'test', 'all', 1, 2);")));

        var finding = Assert.Single(AlarmVerifier.Run(history.Data.AlarmsFile).Findings);

        Assert.Equal($"pending waits, kind {kinds.Max() + 1}", finding.Where);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_said_to_be_none()
    {
        using var history = await RandomHistory.CreateAsync(seed: 5, lives: 1, rounds: 3);
        await File.WriteAllTextAsync(history.Data.AlarmsFile, new string('x', 8192));

        using var output = new StringWriter();

        Assert.Equal(1, VerifyCommand.Run(history.Data.AlarmsFile, output));
        Assert.Contains("cannot be read", output.ToString(), StringComparison.Ordinal);
    }
}
