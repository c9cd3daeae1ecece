using System.CommandLine;
using System.Text.Json;
using CareHub.Core;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Server.Replay;
using CareHub.Server.Rules;
using Microsoft.Data.Sqlite;

namespace CareHub.Server.Commands;

/// <summary><c>carehub replay</c>: the recorded history once more; with <c>--rules</c> what other rules would have made of it.</summary>
internal static class ReplayCommand
{
    private const int DaysDefault = 7;

    public static Command Create()
    {
        var data = RecordFile.DataOption();
        var rules = new Option<FileInfo?>("--rules") { Description = "A candidate rules.yaml: say what it would decide otherwise." };
        var days = new Option<int>("--days") { Description = "With --rules: how many of the last days.", DefaultValueFactory = _ => DaysDefault };
        days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--days must be at least 1");
            }
        });
        var command = new Command("replay", "Give the engine again all it was given, and compare with the record. Works beside a running hub.") { data, rules, days };
        command.SetAction(parsed =>
        {
            if (RecordFile.Find(parsed.GetValue(data)) is not { } file)
            {
                return CommandLine.Misused;
            }

            return parsed.GetValue(rules) is { } candidate ? DryRun(file, candidate.FullName, parsed.GetValue(days)) : Run(file, Console.Out);
        });
        return command;
    }

    internal static int Run(string file, TextWriter output) => Guarded(file, output, () =>
    {
        var report = ExactReplay.Run(file);
        foreach (var difference in report.Differences)
        {
            output.WriteLine(difference);
        }

        output.WriteLine($"replay: {report.Steps} steps, {report.Signals} signals, {report.Entries} timeline entries; {report.DifferenceCount} differences");
        return report.DifferenceCount == 0 ? CommandLine.Ok : CommandLine.Failed;
    });

    private static int DryRun(string file, string rules, int days)
    {
        if (HubConfiguration.Load(HubConfiguration.CreateBuilder().Configuration) is not { } options)
        {
            return CommandLine.Misused;
        }

        var errors = new List<string>();
        if (RuleView.Read(rules, TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone), errors) is { } candidate)
        {
            return DryRun(file, candidate, TimeProvider.System.HubNow().AddDays(-days), Console.Out);
        }

        errors.ForEach(error => Console.Error.WriteLine($"{rules}: {error}"));
        return CommandLine.Misused;
    }

    internal static int DryRun(string file, RuleBook candidate, DateTimeOffset from, TextWriter output) => Guarded(file, output, () =>
    {
        var report = CandidateReplay.Run(file, candidate, from);
        foreach (var each in report.Listed)
        {
            output.WriteLine($"{each.At:O} {each.DeviceId} {each.SignalId} {Words<SignalKind>.Of(each.Kind)}: {each.Recorded} ({each.Recorded.Reason}) → {each.Candidate} ({each.Candidate.Reason})");
        }

        var differing = report.Counts.Values.Sum();
        if (differing > report.Listed.Count)
        {
            output.WriteLine($"… and {differing - report.Listed.Count} more");
        }

        foreach (var ((kind, recorded, other), count) in report.Counts.OrderBy(pair => pair.Key.Kind).ThenByDescending(pair => pair.Value))
        {
            output.WriteLine($"{Words<SignalKind>.Of(kind)}: {count} of {report.Signals[kind]} would be {other} and not {recorded}");
        }

        foreach (var (what, (recorded, other)) in report.Events.Where(pair => pair.Value.Recorded != pair.Value.Candidate).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"alarms {what}: {other} where {recorded} are on record");
        }

        output.WriteLine($"dry run of rules {candidate.Version} since {from:O}: {report.Signals.Values.Sum()} signals; {differing} would be decided otherwise");
        return CommandLine.Ok;
    });

    private static int Guarded(string file, TextWriter output, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception unreadable) when (unreadable is SqliteException or JsonException or InvalidDataException or InvalidOperationException or InvalidCastException or FormatException or OverflowException or ArgumentException or TimeZoneNotFoundException)
        {
            output.WriteLine($"{file}: cannot be replayed: {unreadable.Message}; carehub verify says what is wrong with it");
            return CommandLine.Failed;
        }
    }
}
