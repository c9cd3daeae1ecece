using System.CommandLine;
using System.Net.Sockets;
using CareHub.Mqtt.Broker;
using CareHub.Server.BrokerStore;
using CareHub.Server.Configuration;
using CareHub.Storage;

namespace CareHub.Server.Commands;

/// <summary>Only the MQTT broker, as a general broker: any topic, any client.</summary>
internal static class BrokerCommand
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    public static Command Create()
    {
        var listen = new Option<string>("--listen") { Description = "ADDRESS:PORT to listen on.", DefaultValueFactory = _ => "127.0.0.1:1883" };
        var allowAnonymous = new Option<bool>("--allow-anonymous") { Description = "Accept every client on every topic; without it nobody may connect." };
        var data = new Option<string?>("--data") { Description = "Folder that keeps sessions and retained messages across a restart; without it they are in memory only." };
        var command = new Command("broker", "Run only the MQTT broker, without care.") { listen, allowAnonymous, data };
        BrokerListeners.AddTo(command);
        command.SetAction((parsed, cancelled) => RunAsync(parsed, parsed.GetValue(listen)!, parsed.GetValue(allowAnonymous), parsed.GetValue(data), cancelled));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string listen, bool allowAnonymous, string? data, CancellationToken cancelled)
    {
        var errors = new List<string>();
        if (!HubOptions.TryParseListen(listen, out var endpoints, out var error))
        {
            errors.Add($"--listen: {error}");
        }

        if (!allowAnonymous)
        {
            errors.Add("The plain broker knows no users: start it with --allow-anonymous, on an address where that is safe.");
        }

        await using var listeners = BrokerListeners.From(parsed, errors);
        if (listeners is null || errors.Count > 0)
        {
            errors.ForEach(Console.Error.WriteLine);
            return CommandLine.Misused;
        }

        var options = new MqttServerOptions { PacketBytesMax = MqttLimits.PacketBytesCeiling }; // it does not know what its clients mean to send
        foreach (var endpoint in endpoints)
        {
            options.Listen.Add(endpoint);
        }

        listeners.AddTo(options);

        using var logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole());
        try
        {
            await using var store = data is null ? null : SqliteSessionStore.Open(DataDirectory.Open(data).BrokerFile, logs.CreateLogger<SqliteSessionStore>());
            options.SessionStore = store;
            await using var server = new MqttServer(options, new OpenMqttHandler(), logs);
            await server.StartAsync(cancelled);
            await Console.Out.WriteLineAsync($"MQTT broker listens on {string.Join(", ", server.Endpoints)}");
            await listeners.StartAsync(server, Console.Out, cancelled);
            await Task.Delay(Timeout.Infinite, cancelled).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var patience = new CancellationTokenSource(StopLimit);
            await server.StopAsync(patience.Token);
            return CommandLine.Ok;
        }
        catch (OperationCanceledException)
        {
            return CommandLine.Failed; // the file could not be written to the end; the store says what is missing
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SocketException)
        {
            // A port that is taken, a file that is damaged or in use: say it in one line.
            await Console.Error.WriteLineAsync($"The broker cannot start: {failure.Message}");
            return CommandLine.Failed;
        }
    }
}
