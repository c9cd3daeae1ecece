using CareHub.Server.Metrics.Scrape;

namespace CareHub.Server.Metrics;

internal static class MetricsSetup
{
    public static void AddHubMetrics(this IServiceCollection services)
    {
        services.AddSingleton<HubMeter>().AddSingleton<TriageCounts>().AddSingleton<HubGauges>().AddSingleton<MetricsCollector>();
        services.AddSingleton<LogCounts>().AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<LogCounts>());
    }
}
