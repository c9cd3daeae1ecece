using System.Net;
using CareHub.Mqtt.Broker;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Bench;

/// <summary>CareHub's broker alone in a process, as a general broker: the whole of it, with sessions, hooks and handler.</summary>
internal static class BrokerHost
{
    public static async Task<int> RunAsync(int port)
    {
        var options = new MqttServerOptions();
        options.Listen.Add(new IPEndPoint(IPAddress.Loopback, port));
        await using var server = new MqttServer(options, new OpenMqttHandler(), NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        Console.WriteLine($"listening on {server.Endpoints[0]}");
        var end = new TaskCompletionSource();
        using var signal = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM, context => { context.Cancel = true; end.TrySetResult(); });
        await end.Task;
        return 0;
    }
}
