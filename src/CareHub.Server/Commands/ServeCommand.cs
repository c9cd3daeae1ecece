using System.CommandLine;
using CareHub.Storage;
using CareHub.Storage.Alarms;

namespace CareHub.Server.Commands;

internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Run the hub: broker, triage, console and API (the default).");
        command.SetAction((_, cancelled) => RunAsync(cancelled));
        return command;
    }

    public static async Task<int> RunAsync(CancellationToken cancelled)
    {
        var builder = HubConfiguration.CreateBuilder();
        if (HubConfiguration.Load(builder.Configuration, withRules: true) is not { } options)
        {
            return CommandLine.Misused;
        }

        LogSetup.Use(builder, options.LogFormat);
        try
        {
            SchedulingSlice.Shorten();
            await using var hub = await HubApp.BuildAsync(builder, options, new SteadyTime(TimeProvider.System, AlarmLedger.LastRecordAt(DataDirectory.Open(options.DataDirectory))), Console.Out);
            if (!await hub.StartAsync(cancelled))
            {
                return CommandLine.Ok;
            }

            await Console.Out.WriteLineAsync($"CareHub is ready: console {string.Join(", ", hub.Urls)}, MQTT {string.Join(", ", hub.MqttEndpoints)}{(hub.MqttTlsEndpoints.Count == 0 ? "" : $", MQTT over TLS {string.Join(", ", hub.MqttTlsEndpoints)}")}");

            // Two listen for SIGTERM, the parser and the host, and the one that is told first waits for the command before the other is told:
            // either has to be enough.
            await hub.WaitForShutdownAsync(cancelled);
            return CommandLine.Ok;
        }
        catch (IOException failure)
        {
            // A port that is taken, a folder that cannot be written: say it in one line.
            await Console.Error.WriteLineAsync($"CareHub cannot start: {failure.Message}");
            return CommandLine.Failed;
        }
    }
}
