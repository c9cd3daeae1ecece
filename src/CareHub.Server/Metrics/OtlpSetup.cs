using System.Reflection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CareHub.Server.Metrics;

/// <summary>
/// The same measurements, and traces, over OTLP: on when OpenTelemetry's own variables name an endpoint, and set by them alone
/// (protocol, headers, intervals, sampler). Off, it costs nothing: the SDK is not even asked.
/// </summary>
internal static class OtlpSetup
{
    /// <summary>Of signals, unless <c>OTEL_TRACES_SAMPLER</c> says otherwise: the SDK's default would trace every one of ten thousand a second.</summary>
    private const double TracedPart = 0.01;

    public static void AddOtlp(this IServiceCollection services, IConfiguration configuration)
    {
        var metrics = Has("OTEL_EXPORTER_OTLP_ENDPOINT") || Has("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
        var traces = Has("OTEL_EXPORTER_OTLP_ENDPOINT") || Has("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        if (!metrics && !traces)
        {
            return;
        }

        var telemetry = services.AddOpenTelemetry();
        if (!Has("OTEL_SERVICE_NAME"))
        {
            telemetry.ConfigureResource(resource => resource.AddService("carehub", serviceVersion: typeof(OtlpSetup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion));
        }

        if (metrics)
        {
            telemetry.WithMetrics(meters => meters.AddMeter(HubMeter.Name, "System.Runtime", "Microsoft.AspNetCore.Hosting").AddOtlpExporter());
        }

        if (traces)
        {
            telemetry.WithTracing(tracing =>
            {
                if (!Has("OTEL_TRACES_SAMPLER"))
                {
                    tracing.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(TracedPart)));
                }

                tracing.AddSource(SignalTrace.Name, "Microsoft.AspNetCore").AddOtlpExporter();
            });
        }

        bool Has(string name) => !string.IsNullOrEmpty(configuration[name]);
    }
}
