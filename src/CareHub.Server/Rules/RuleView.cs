using CareHub.Core.Triage;
using CareHub.Server.Configuration;
using CareHub.Storage;

namespace CareHub.Server.Rules;

/// <summary>
/// The rules in force, and a watch over their file. A changed file takes effect without a restart; one with errors does
/// not, and the hub goes on with what it has.
/// </summary>
internal sealed partial class RuleView : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly Func<string> _whichFile;
    private readonly TimeZoneInfo _zone;
    private readonly TimeProvider _time;
    private readonly ILogger<RuleView> _log;
    private volatile RuleBook _current;
    private volatile IReadOnlyList<string> _errors = [];
    private (string File, DateTime WrittenAt) _seen;

    /// <exception cref="RuleFileException">The file has errors at the start.</exception>
    public RuleView(HubOptions options, DataDirectory data, TimeProvider time, ILogger<RuleView> log)
    {
        _whichFile = () => FileOf(options, data.Root);
        _zone = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);
        _time = time;
        _log = log;
        _seen = Look();
        var errors = new List<string>();
        _current = Read(_seen.File, _zone, errors) ?? throw new RuleFileException(_seen.File, errors);
        LogInForce(_current.Version, _current.Overrides, _seen.File);
    }

    public RuleBook Current => _current;

    /// <summary>What is wrong with the file as it now stands; empty when its rules are those in force.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Called when the rules have changed: whoever has worked out deadlines from them does it anew.</summary>
    public Func<Task>? Changed { get; set; }

    /// <summary>The configured file; else the one in the data directory; else the one that ships.</summary>
    public static string FileOf(HubOptions options, string dataDirectory)
    {
        var own = options.Rules ?? Path.Combine(dataDirectory, "rules.yaml");
        return options.Rules is not null || File.Exists(own) ? own : Path.Combine(AppContext.BaseDirectory, "rules.yaml");
    }

    /// <summary>Reads a file: its rules, or null and every error.</summary>
    public static RuleBook? Read(string file, TimeZoneInfo zone, List<string> errors)
    {
        try
        {
            return RuleFile.Parse(File.ReadAllText(file), zone, errors);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            errors.Add(failure.Message);
            return null;
        }
    }

    private (string File, DateTime WrittenAt) Look()
    {
        var file = _whichFile();
        return (file, File.GetLastWriteTimeUtc(file));
    }

    /// <summary>Looks at the file and takes it if it has changed, or if another one now counts.</summary>
    internal async Task LookAsync()
    {
        var seen = Look();
        if (seen == _seen)
        {
            return;
        }

        _seen = seen;
        var errors = new List<string>();
        var read = Read(seen.File, _zone, errors);
        _errors = errors;
        if (read is null)
        {
            LogRefused(seen.File, string.Join("; ", errors), _current.Version);
            return;
        }

        _current = read;
        LogInForce(read.Version, read.Overrides, seen.File);
        if (Changed is { } changed)
        {
            await changed();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync();
        }
    }

    [LoggerMessage(2201, LogLevel.Information, "Triage rules {Version} with {Overrides} overrides are in force, from {File}")]
    private partial void LogInForce(string version, int overrides, string file);

    [LoggerMessage(2202, LogLevel.Error, "The triage rules in {File} are not taken: {Errors}. Rules {Version} stay in force")]
    private partial void LogRefused(string file, string errors, string version);
}

/// <summary>The hub does not start on rules that it cannot read.</summary>
internal sealed class RuleFileException(string file, IReadOnlyList<string> errors) : Exception($"{file}: {string.Join("; ", errors)}");
