using System.CommandLine;
using CareHub.Core.Alarms;
using CareHub.Storage.Registry;

namespace CareHub.Server.Commands;

/// <summary>The executable's subcommands. Without one it serves.</summary>
internal static class CommandLine
{
    public const int Ok = 0;
    public const int Failed = 1;

    /// <summary>Bad arguments or configuration.</summary>
    public const int Misused = 2;

    /// <summary>
    /// How long after a SIGTERM a command may finish what it has. The parser's own answer is two seconds, less than
    /// connections and files may need.
    /// </summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);
    /// <summary>A change made from a shell: its author is the account that ran the command.</summary>
    public static ChangeNote Note(string? reason) =>
        new(new Author(AuthorKind.User, $"shell:{Environment.UserName}", Environment.UserName), TimeProvider.System.HubNow(), reason);

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("CareHub: a smart elderly-care IoT telemetry hub.");
        var serve = ServeCommand.Create();
        root.Subcommands.Add(serve);
        root.Subcommands.Add(BrokerCommand.Create());
        root.Subcommands.Add(DevicesCommand.Create());
        root.Subcommands.Add(UsersCommand.Create());
        root.Subcommands.Add(ServicesCommand.Create());
        root.Subcommands.Add(MetricsTokenCommand.Create());
        root.Subcommands.Add(InfluxRefillCommand.Create());
        root.Subcommands.Add(VerifyCommand.Create());
        root.Subcommands.Add(ReplayCommand.Create());
        root.SetAction((_, cancelled) => ServeCommand.RunAsync(cancelled));

        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = StopLimit });
        }

        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync(error.Message);
        }

        await Console.Error.WriteLineAsync("Run with --help to see what is possible.");
        return Misused;
    }
}
