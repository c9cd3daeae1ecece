using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Triage;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms.Journal;

/// <summary>What a signal's row refers to: its place among the steps, and the rows of its rules and its device.</summary>
internal readonly record struct StepKey(long Step, long RulesId, long FactsId);

/// <summary>
/// Keeps what the engine was given, so that it can be given it again. A signal's input stands in the signal's own row and
/// costs no insert; rules and facts of devices stand once and are referred to.
/// </summary>
internal sealed class JournalWriter : IDisposable
{
    /// <summary>Devices whose facts are remembered. At the bound all are forgotten, and looked up in the file as they speak.</summary>
    private const int FactsCachedMax = 100_000;

    private readonly SqliteConnection _connection;
    private readonly SqlStatement _act;
    private readonly SqlStatement _findRules;
    private readonly SqlStatement _addRules;
    private readonly SqlStatement _findFacts;
    private readonly SqlStatement _addFacts;
    private readonly Dictionary<RuleBook, long> _rules = [];
    private readonly Dictionary<string, (DeviceFacts Facts, long Id)> _facts = new(StringComparer.Ordinal);
    private long _committed;
    private long _next;

    public JournalWriter(SqliteConnection connection)
    {
        _connection = connection;
        _act = new(connection, "INSERT INTO acts (step, at, site_id, rules_id, command) VALUES (?1, ?2, ?3, ?4, ?5)");
        _findRules = new(connection, "SELECT id FROM rule_books WHERE version = ?1 AND time_zone = ?2");
        _addRules = new(connection, "INSERT INTO rule_books (version, time_zone, source) VALUES (?1, ?2, ?3) RETURNING id");

        // A device that moves and moves back is its old self: the same row again.
        _findFacts = new(
            connection,
            "SELECT id FROM device_facts WHERE device_id = ?1 AND kind = ?2 AND site_id = ?3 AND resident_id IS ?4 AND gateway_id IS ?5 AND region_path = ?6");
        _addFacts = new(
            connection,
            "INSERT INTO device_facts (device_id, kind, site_id, resident_id, gateway_id, region_path) VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id");

        // Both are written in the order of their steps, so that the last row has the last step.
        using var last = new SqlStatement(
            connection,
            "SELECT MAX(COALESCE((SELECT MAX(step) FROM acts), 0), COALESCE((SELECT step FROM signals ORDER BY position DESC LIMIT 1), 0))");
        _next = _committed = last.RunForNumber()!.Value + 1;
    }

    /// <summary>Begins the journal of a hub that has a history without one: replay starts from what its sites are now.</summary>
    public void Begin(Func<IReadOnlyDictionary<string, SiteState>> load)
    {
        using var begun = new SqlStatement(
            _connection, "SELECT EXISTS (SELECT 1 FROM rule_books) OR EXISTS (SELECT 1 FROM origins) OR NOT EXISTS (SELECT 1 FROM signals)");
        if (begun.RunForNumber() == 1)
        {
            return;
        }

        var sites = load();
        using var transaction = _connection.BeginTransaction(deferred: false);
        using var add = new SqlStatement(
            _connection, "INSERT INTO origins (site_id, position, state) VALUES (?1, (SELECT COALESCE(MAX(position), 0) FROM timeline), ?2)");
        foreach (var site in sites.Values)
        {
            add.Bind(1, site.SiteId);
            add.Bind(2, SiteStateJson.Write(site));
            add.Run();
        }

        transaction.Commit();
    }

    public StepKey KeyOf(in SignalRecord record) =>
        new(_next + record.Mark.Order, RulesId(record.Mark.Rules), FactsId(record.Device));

    public void Append(ActRecord act)
    {
        _act.Bind(1, _next + act.Mark.Order);
        _act.Bind(2, act.Mark.At.ToUnixTimeMilliseconds());
        _act.Bind(3, act.SiteId);
        _act.Bind(4, RulesId(act.Mark.Rules));
        _act.Bind(5, act.Command is null ? null : CommandJson.Write(act.Command));
        _act.Run();
    }

    /// <summary>A batch has been written: the next one's steps follow its own.</summary>
    public void Count(int steps) => _next += steps;

    /// <summary>What was written is on disk.</summary>
    public void Advance() => _committed = _next;

    /// <summary>What was written since is not on disk, nor are the rows it referred to.</summary>
    public void RollBack()
    {
        _next = _committed;
        _rules.Clear();
        _facts.Clear();
    }

    private long RulesId(RuleBook rules)
    {
        if (_rules.TryGetValue(rules, out var known))
        {
            return known;
        }

        var zone = rules.Defaults.TimeZone.Id;
        Set(_findRules, rules.Version, zone);
        Set(_addRules, rules.Version, zone, rules.Source);

        // A change of the rules is rare; a hub that lives for years must not keep each book it ever read.
        _rules.Clear();
        return _rules[rules] = _findRules.RunForNumber() ?? _addRules.RunForNumber()!.Value;
    }

    private long FactsId(DeviceFacts facts)
    {
        // The registry hands out the same object until it is loaded anew: as a rule this is one look-up and one comparison.
        if (_facts.TryGetValue(facts.Id, out var known) && ReferenceEquals(known.Facts, facts))
        {
            return known.Id;
        }

        if (known.Facts is { } before && facts.RegionPath.SequenceEqual(before.RegionPath) && facts with { RegionPath = before.RegionPath } == before)
        {
            _facts[facts.Id] = (facts, known.Id);
            return known.Id;
        }

        var path = string.Join(' ', facts.RegionPath);
        Set(_findFacts, facts.Id, facts.Kind, facts.SiteId, facts.ResidentId, facts.GatewayId, path);
        Set(_addFacts, facts.Id, facts.Kind, facts.SiteId, facts.ResidentId, facts.GatewayId, path);
        if (_facts.Count >= FactsCachedMax)
        {
            _facts.Clear();
        }

        var id = _findFacts.RunForNumber() ?? _addFacts.RunForNumber()!.Value;
        _facts[facts.Id] = (facts, id);
        return id;
    }

    private static void Set(SqlStatement statement, params ReadOnlySpan<string?> values)
    {
        for (var index = 0; index < values.Length; index++)
        {
            statement.Bind(index + 1, values[index]);
        }
    }

    public void Dispose()
    {
        _act.Dispose();
        _findRules.Dispose();
        _addRules.Dispose();
        _findFacts.Dispose();
        _addFacts.Dispose();
    }
}
