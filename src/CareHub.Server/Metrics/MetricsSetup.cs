using CareHub.Server.Metrics.Scrape;

namespace CareHub.Server.Metrics;

internal static class MetricsSetup
{
    public static void AddHubMetrics(this IServiceCollection services)
    {
        services.AddSingleton<HubMeter>().AddSingleton<TriageCounts>().AddSingleton<HubGauges>().AddSingleton<MetricsCollector>();
        services.AddSingleton<LogCounts>().AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<LogCounts>());
    }

    /// <summary>Begins to measure: before the first message, after the parts are there.</summary>
    public static void UseHubMetrics(this IServiceProvider services)
    {
        services.GetRequiredService<MetricsCollector>();
        services.GetRequiredService<HubGauges>();
    }
}
