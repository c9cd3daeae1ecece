using System.CommandLine;
using CareHub.Mqtt.Broker;
using CareHub.Server.Configuration;

namespace CareHub.Server.Commands;

/// <summary>Only the MQTT broker, as a general broker: any topic, any client.</summary>
internal static class BrokerCommand
{
    /// <summary>All that the specification allows: a general broker does not know what its clients mean to send.</summary>
    private const int PacketBytesMax = 268_435_455 + 5;

    public static Command Create()
    {
        var listen = new Option<string>("--listen") { Description = "ADDRESS:PORT to listen on.", DefaultValueFactory = _ => "127.0.0.1:1883" };
        var allowAnonymous = new Option<bool>("--allow-anonymous") { Description = "Accept every client on every topic; without it nobody may connect." };
        var command = new Command("broker", "Run only the MQTT broker, without care.") { listen, allowAnonymous };
        BrokerListeners.AddTo(command);
        command.SetAction((parsed, cancelled) => RunAsync(parsed, parsed.GetValue(listen)!, parsed.GetValue(allowAnonymous), cancelled));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string listen, bool allowAnonymous, CancellationToken cancelled)
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

        var options = new MqttServerOptions { PacketBytesMax = PacketBytesMax };
        foreach (var endpoint in endpoints)
        {
            options.Listen.Add(endpoint);
        }

        listeners.AddTo(options);

        using var logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole());
        await using var server = new MqttServer(options, new OpenMqttHandler(), logs);
        try
        {
            await server.StartAsync(cancelled);
            await Console.Out.WriteLineAsync($"MQTT broker listens on {string.Join(", ", server.Endpoints)}");
            await listeners.StartAsync(server, Console.Out, cancelled);
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
        {
            await Console.Error.WriteLineAsync($"The broker cannot listen: {failure.Message}");
            return CommandLine.Failed;
        }

        await Task.Delay(Timeout.Infinite, cancelled).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.StopAsync(CancellationToken.None);
        return CommandLine.Ok;
    }
}
