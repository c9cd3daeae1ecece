using CareHub.Server.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Filters;
using Serilog.Formatting.Json;

namespace CareHub.Server.Commands;

/// <summary>
/// Serilog behind Microsoft.Extensions.Logging: text for a person at a terminal, one JSON object a line when redirected, unless
/// configured. Levels come from the <c>Serilog</c> section.
/// </summary>
internal static class LogSetup
{
    private const string Text = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Event} {Message:lj}{NewLine}{Exception}";

    public static void Use(WebApplicationBuilder builder, LogFormat format)
    {
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Quartz", LogEventLevel.Warning)
            .ReadFrom.Configuration(builder.Configuration)
            .Filter.ByExcluding(IsFailedStart)
            .Enrich.FromLogContext()
            .Enrich.With<EventNumber>();
        configuration = format == LogFormat.Json || (format == LogFormat.Auto && Console.IsErrorRedirected)
            ? configuration.WriteTo.Async(sink => sink.Console(new JsonFormatter(renderMessage: true), standardErrorFromLevel: LogEventLevel.Verbose))
            : configuration.WriteTo.Async(sink => sink.Console(outputTemplate: Text, standardErrorFromLevel: LogEventLevel.Verbose));

        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(configuration.CreateLogger(), dispose: true);
    }

    /// <summary>The host throws what it logs here, and the command says it in its own words.</summary>
    private static bool IsFailedStart(LogEvent logEvent) =>
        logEvent.MessageTemplate.Text == "Hosting failed to start" && Matching.FromSource("Microsoft.Extensions.Hosting")(logEvent);

    /// <summary>The event's id as a property of its own: docs/events.md is searched by it.</summary>
    private sealed class EventNumber : ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
        {
            if (logEvent.Properties.GetValueOrDefault("EventId") is StructureValue id && id.Properties.FirstOrDefault(property => property.Name == "Id") is { } number)
            {
                logEvent.AddPropertyIfAbsent(new LogEventProperty("Event", number.Value));
            }
        }
    }
}
