using Serilog;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace CareHub.Server.Commands;

/// <summary>
/// Serilog behind Microsoft.Extensions.Logging: text for a person at a terminal, one JSON object a line when redirected.
/// Levels come from the <c>Serilog</c> section.
/// </summary>
internal static class LogSetup
{
    public static void Use(WebApplicationBuilder builder)
    {
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Quartz", LogEventLevel.Warning)
            .ReadFrom.Configuration(builder.Configuration)
            .Enrich.FromLogContext();
        configuration = Console.IsErrorRedirected
            ? configuration.WriteTo.Async(sink => sink.Console(new JsonFormatter(renderMessage: true), standardErrorFromLevel: LogEventLevel.Verbose))
            : configuration.WriteTo.Async(sink => sink.Console(outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}", standardErrorFromLevel: LogEventLevel.Verbose));

        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(configuration.CreateLogger(), dispose: true);
    }
}
