using System.Text;
using CareHub.Core.Alarms;
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

    /// <summary>Of a change made in the file: who may write there is the operating system's to know.</summary>
    public static readonly Author FileAuthor = new(AuthorKind.Hub, "rules", "rules.yaml");

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Func<string> _whichFile;
    private readonly Func<string> _ownFile;
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
        _ownFile = () => OwnFileOf(options, data.Root);
        _zone = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);
        _time = time;
        _log = log;
        _seen = Look();
        var errors = new List<string>();
        _current = Read(_seen.File, _zone, errors) ?? throw new RuleFileException(_seen.File, errors);
        LogInForce(_current.Version, _current.Overrides.Length, _seen.File);
    }

    public RuleBook Current => _current;

    /// <summary>What is wrong with the file as it now stands; empty when its rules are those in force.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Called with the author and the reason when the rules have changed: it is recorded, and deadlines are worked out anew.</summary>
    public Func<Author, string?, Task>? Changed { get; set; }

    /// <summary>The configured file; else the one in the data directory; else the one that ships.</summary>
    public static string FileOf(HubOptions options, string dataDirectory)
    {
        var own = OwnFileOf(options, dataDirectory);
        return options.Rules is not null || File.Exists(own) ? own : Path.Combine(AppContext.BaseDirectory, "rules.yaml");
    }

    private static string OwnFileOf(HubOptions options, string dataDirectory) => options.Rules ?? Path.Combine(dataDirectory, "rules.yaml");

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
        await _turn.WaitAsync();
        try
        {
            await TakeFileAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The rules of a text, or null and every error; nothing changes.</summary>
    public RuleBook? Check(string source, List<string> errors) => RuleFile.Parse(source, _zone, errors);

    /// <summary>Puts other rules into the file and in force.</summary>
    /// <param name="version">The rules that were changed; null or another version than that in force changes nothing.</param>
    /// <exception cref="IOException">The file cannot be written; the rules in force stay.</exception>
    public async Task<RuleReplacement> ReplaceAsync(string source, string? version, Author author, string reason)
    {
        await _turn.WaitAsync();
        try
        {
            var errors = new List<string>();
            if (Check(source, errors) is not { } book)
            {
                return new RuleReplacement.Refused(errors);
            }

            if (version != _current.Version)
            {
                return new RuleReplacement.Outdated(_current.Version);
            }

            Write(_ownFile(), source);
            (_seen, _errors) = (Look(), []);
            await PutInForceAsync(book, _seen.File, author, reason);
            return new RuleReplacement.Done();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Whole or not at all: beside it, to the disk, and over it.</summary>
    private static void Write(string file, string source)
    {
        var beside = file + ".new";
        using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            stream.Write(Encoding.UTF8.GetBytes(source));
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, file, overwrite: true);
    }

    private async Task PutInForceAsync(RuleBook book, string file, Author author, string? reason)
    {
        _current = book;
        LogInForce(book.Version, book.Overrides.Length, file);
        if (Changed is { } changed)
        {
            await changed(author, reason);
        }
    }

    private async Task TakeFileAsync()
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

        await PutInForceAsync(read, seen.File, FileAuthor, null);
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

/// <summary>What became of a replacement of the rules.</summary>
internal abstract record RuleReplacement
{
    internal sealed record Done : RuleReplacement;

    internal sealed record Refused(IReadOnlyList<string> Errors) : RuleReplacement;

    /// <param name="Version">The rules in force are others than those that were changed.</param>
    internal sealed record Outdated(string Version) : RuleReplacement;
}

/// <summary>The hub does not start on rules that it cannot read.</summary>
internal sealed class RuleFileException(string file, IReadOnlyList<string> errors) : Exception($"{file}: {string.Join("; ", errors)}");
