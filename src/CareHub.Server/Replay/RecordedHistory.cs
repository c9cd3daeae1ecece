using CareHub.Core.Triage;
using CareHub.Server.Rules;
using CareHub.Storage.Alarms;
using CareHub.Storage.Alarms.Journal;
using Microsoft.Data.Sqlite;

namespace CareHub.Server.Replay;

/// <summary>The journal of a data directory as of one moment, with its rules read again.</summary>
internal sealed class RecordedHistory : IDisposable
{
    private readonly JournalReader _journal;
    private readonly Dictionary<long, RuleBook> _rules;

    private RecordedHistory(SqliteConnection connection)
    {
        Connection = connection;
        _journal = new JournalReader(connection);
        _rules = _journal.Rules().ToDictionary(recorded => recorded.Id, Read);
        (var sites, OriginPosition) = _journal.Origins();
        Sites = sites.ToDictionary(site => site.SiteId, StringComparer.Ordinal);
    }

    public SqliteConnection Connection { get; }

    /// <summary>The sites as they were when the journal began, and then as whoever replays leaves them.</summary>
    public Dictionary<string, SiteState> Sites { get; }

    /// <summary>Timeline rows up to this one are older than the journal.</summary>
    public long OriginPosition { get; }

    public static RecordedHistory Open(string file)
    {
        var connection = ReadOnlyFile.Open(file);
        try
        {
            return new RecordedHistory(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public IEnumerable<RecordedStep> Steps() => _journal.Steps();

    public SiteState SiteOf(string siteId) => Sites.GetValueOrDefault(siteId) ?? new SiteState { SiteId = siteId };

    /// <summary>Takes a recorded step as it was taken then.</summary>
    public StepResult Take(RecordedStep step)
    {
        var rules = _rules.GetValueOrDefault(step.RulesId) ?? throw new InvalidDataException($"step {step.Step} refers to rules {step.RulesId}, which are not on record");
        var result = TriageEngine.Step(SiteOf(step.SiteId), step.Input, step.At, rules);
        Sites[step.SiteId] = result.State;
        return result;
    }

    private static RuleBook Read(RecordedRules recorded)
    {
        try
        {
            return RuleFile.ParseRecorded(recorded.Source, TimeZoneInfo.FindSystemTimeZoneById(recorded.TimeZone));
        }
        catch (InvalidDataException unreadable)
        {
            throw new InvalidDataException($"rules {recorded.Version} cannot be read: {unreadable.Message}", unreadable);
        }
    }

    public void Dispose() => Connection.Dispose();
}
