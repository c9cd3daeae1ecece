using System.CommandLine;
using CareHub.Storage.Alarms.Verification;
using Microsoft.Data.Sqlite;

namespace CareHub.Server.Commands;

/// <summary><c>carehub verify</c>: whether what is on record can be true.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var data = RecordFile.DataOption();
        var command = new Command("verify", "Check the alarm record: hash chain, versions, states, references. Works beside a running hub.") { data };
        command.SetAction(parsed => RecordFile.Find(parsed.GetValue(data)) is { } file ? Run(file, Console.Out) : CommandLine.Misused);
        return command;
    }

    internal static int Run(string file, TextWriter output)
    {
        VerificationReport report;
        try
        {
            report = AlarmVerifier.Run(file);
        }
        catch (SqliteException unreadable)
        {
            output.WriteLine($"{file}: cannot be read: {unreadable.Message}");
            return CommandLine.Failed;
        }

        foreach (var finding in report.Findings)
        {
            output.WriteLine(finding);
        }

        output.WriteLine($"verify: {report.Signals} signals, {report.Alarms} alarms, {report.Timeline} timeline rows, {report.Steps} steps; {report.Findings.Count} findings");
        return report.Findings.Count == 0 ? CommandLine.Ok : CommandLine.Failed;
    }
}
