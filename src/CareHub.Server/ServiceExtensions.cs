namespace CareHub.Server;

internal static class ServiceExtensions
{
    /// <summary>One instance that others can ask for and that the host starts and stops.</summary>
    public static void AddHosted<T>(this IServiceCollection services)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(provider => provider.GetRequiredService<T>());
    }
}
