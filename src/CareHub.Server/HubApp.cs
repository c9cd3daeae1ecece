using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using CareHub.Core.Alarms;
using CareHub.Core.Telemetry;
using CareHub.Core.Triage;
using CareHub.Mqtt.Broker;
using CareHub.Server.Api;
using CareHub.Server.Bridge;
using CareHub.Server.BrokerStore;
using CareHub.Server.Configuration;
using CareHub.Server.Demo;
using CareHub.Server.Health;
using CareHub.Server.Ingest;
using CareHub.Server.Jobs;
using CareHub.Server.Metrics;
using CareHub.Server.Metrics.Scrape;
using CareHub.Server.Notifications;
using CareHub.Server.Pipeline;
using CareHub.Server.Presence;
using CareHub.Server.Push;
using CareHub.Server.Rules;
using CareHub.Server.Security;
using CareHub.Server.SelfWatch;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using CareHub.Storage.Registry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Spool;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server;

/// <summary>
/// The whole hub, wired: what <c>serve</c> runs and what tests start. Stages appear in the order in which a message
/// passes through them.
/// </summary>
internal sealed class HubApp : IAsyncDisposable
{
    private static readonly TimeSpan ConsoleKeepAlive = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConsoleTimeout = TimeSpan.FromSeconds(15);
    private const int ConsoleMessageBytesMax = 256 * 1024;

    private readonly WebApplication _web;

    private HubApp(WebApplication web) => _web = web;

    public IServiceProvider Services => _web.Services;

    public IReadOnlyList<IPEndPoint> MqttEndpoints => Services.GetRequiredService<MqttServer>().Endpoints;

    public IReadOnlyList<IPEndPoint> MqttTlsEndpoints => Services.GetRequiredService<MqttServer>().TlsEndpoints;

    public ICollection<string> Urls => _web.Urls;

    /// <summary>Builds the hub on a builder whose configuration is complete and valid.</summary>
    /// <param name="adjust">Where tests put a fault between the parts.</param>
    public static async Task<HubApp> BuildAsync(WebApplicationBuilder builder, HubOptions options, TimeProvider time, TextWriter output, Action<IServiceCollection>? adjust = null)
    {
        var services = builder.Services;
        var data = DataDirectory.Open(options.DataDirectory);
        AddStorage(services, data, options, time);
        services.AddHubMetrics();
        services.AddOtlp(builder.Configuration);
        AddPipeline(services, options);
        AddConsoles(services, data);
        services.AddCareJobs(options);
        adjust?.Invoke(services);

        var web = builder.Build();
        web.Services.GetRequiredService<RegistryView>();

        // Before the first commit, which it would not have measured.
        web.Services.GetRequiredService<MetricsCollector>();
        await web.Services.GetRequiredService<StartUp>().RunAsync(output);
        web.Services.GetRequiredService<OutageWatch>().Restore();
        web.Services.GetRequiredService<HealthWatch>().Restore();
        web.Services.GetRequiredService<HubGauges>();
        MapRoutes(web, options);
        return new HubApp(web);
    }

    private static void AddStorage(IServiceCollection services, DataDirectory data, HubOptions options, TimeProvider time)
    {
        var registry = RegistryStore.Open(data);
        services.AddSingleton(options).AddSingleton(time).AddSingleton(data).AddSingleton(registry);
        services.AddSingleton(new DeviceSecrets(data.DeviceSecretKey()));
        services.AddDbContextFactory<RegistryContext>(registry.Use);
        services.AddDbContextFactory<AlarmsContext>(context => context.UseSqlite(SqliteFile.ConnectionString(data.AlarmsFile)));
        services.AddSingleton<IAlarmLedger>(_ => AlarmLedger.Open(data));
        services.AddSingleton<PresenceStore>();
        services.AddSingleton<ITriageEventSource, TriageEvents>();
        services.AddSingleton(TelemetryLimits.Default with { SpoolBytesMax = (long)options.Spool.MegabytesMax << 20 });
        services.AddSingleton<DeviceTags>().AddSingleton<TelemetryQuarantine>();
        services.AddSingleton(provider => TelemetryStorage.Open(
            data.Root, options.Influx, provider.GetRequiredService<ITriageEventSource>(), time, provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<TelemetryLimits>(),
            new TelemetryParts
            {
                Classes = ReadingClasses.Parse(options.Spool.LowValue),
                Tags = provider.GetRequiredService<DeviceTags>(),
                Quarantine = provider.GetRequiredService<TelemetryQuarantine>(),
            }));
        services.AddSingleton(provider => provider.GetRequiredService<TelemetryStorage>().Store);
    }

    private static void AddPipeline(IServiceCollection services, HubOptions options)
    {
        services.AddHosted<RegistryView>();
        services.AddSingleton<HubAlarms>().AddSingleton<HubTrouble>().AddSingleton<SelfCheck>().AddSingleton<DeskWatch>();
        services.AddSingleton<PresenceBook>().AddSingleton<OutageWatch>();
        services.AddSingleton<IngestCounters>();
        services.AddSingleton<TelemetryLane>().AddSingleton<DeskBook>();
        services.AddSingleton<HealthPast>().AddSingleton<HealthBook>().AddHosted<HealthWatch>();
        services.AddDeviceAccess(options);
        services.AddSingleton<DeviceIngest>();
        services.AddHosted<RuleView>();
        services.AddSingleton<SilenceBook>();
        services.AddSingleton(provider => provider.GetRequiredService<StartUp>().Pipeline);
        services.AddSingleton<StartUp>();
        services.AddSingleton(provider => SqliteSessionStore.Open(provider.GetRequiredService<DataDirectory>().BrokerFile, provider.GetRequiredService<ILogger<SqliteSessionStore>>()));
        services.AddSingleton(provider =>
        {
            var mqtt = new MqttServerOptions { SessionStore = provider.GetRequiredService<SqliteSessionStore>() };
            AccessSetup.Configure(mqtt, provider);
            return new MqttServer(mqtt, provider.GetRequiredService<DeviceIngest>(), provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<TimeProvider>());
        });
        services.AddHostedService<BrokerService>();
        services.AddNotifications(options.Notify);
        services.AddSingleton<BridgeQuarantine>().AddHosted<BridgeService>();
    }

    private static void AddConsoles(IServiceCollection services, DataDirectory data)
    {
        services.AddCareSecurity(data);
        services.AddSingleton<AlarmScope>().AddSingleton<AlarmViews>().AddSingleton<LiveQueue>().AddSingleton<ConsoleBook>().AddSingleton<AccessLog>().AddSingleton<AlarmHistory>().AddSingleton<AlarmSignals>().AddSingleton<NearbyEvents>().AddSingleton<AlarmCommandEndpoints.Commands>().AddSingleton<SilenceEndpoints.Runner>();
        services.ConfigureHttpJsonOptions(json => Words(json.SerializerOptions));
        services.AddSignalR(signalr =>
        {
            signalr.KeepAliveInterval = ConsoleKeepAlive;
            signalr.ClientTimeoutInterval = ConsoleTimeout;
            signalr.MaximumReceiveMessageSize = ConsoleMessageBytesMax;
        }).AddJsonProtocol(json => Words(json.PayloadSerializerOptions));
        services.AddProblemDetails();
        services.AddOpenApi();
        services.AddHealthChecks().AddCheck<ReadyCheck>("ready", tags: ["ready"]).AddCheck<TelemetryCheck>("telemetry", tags: ["ready"]);

        static void Words(JsonSerializerOptions json) => json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
    }

    private static void MapRoutes(WebApplication web, HubOptions options)
    {
        web.UseExceptionHandler();
        web.UseStatusCodePages();
        web.Use(SecurityHeaders.Add);
        web.UseDefaultFiles();
        web.UseStaticFiles();
        web.UseAuthentication();
        web.UseAuthorization();

        var api = web.MapGroup("/api/v1").AddEndpointFilter(ChangeGuard.Check);
        SessionEndpoints.Map(api);
        AlarmEndpoints.Map(api);
        AlarmCommandEndpoints.Map(api);
        ResponseEndpoints.Map(api);
        SilenceEndpoints.Map(api);
        RuleEndpoints.Map(api);
        DeviceEndpoints.Map(api);
        TrendEndpoints.Map(api);
        DeviceAccessEndpoints.Map(api);
        RegistryTimelineEndpoints.Map(api);
        RefusalEndpoints.Map(api);
        QuarantineEndpoints.Map(api);
        NotificationEndpoints.Map(api);
        StatusEndpoints.Map(api);
        ProvisionEndpoint.Map(web);
        MetricsEndpoint.Map(web);
        if (options.Mqtt.WebSocket)
        {
            web.MapMqtt("/mqtt", web.Services.GetRequiredService<MqttServer>()).AllowAnonymous();
        }

        web.Map("/api/{**rest}", (string rest) => Problems.NotFound($"/api/{rest}")).AllowAnonymous().ExcludeFromDescription();

        web.MapHub<AlarmHub>("/hubs/alarms");
        web.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        web.MapHealthChecks("/healthz/live", new() { Predicate = _ => false }).AllowAnonymous();
        web.MapHealthChecks("/healthz/ready", new() { Predicate = check => check.Tags.Contains("ready") }).AllowAnonymous();

        // The console's own routes are pages of its one document.
        web.MapFallbackToFile("index.html").AllowAnonymous();
    }

    /// <summary>Starts to listen. False when it was told to end meanwhile, by the host or by the token; it has ended then.</summary>
    public async Task<bool> StartAsync(CancellationToken stop = default)
    {
        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();

        // Not the host's token of its start: what runs in the background would count as failed by it.
        await using var told = stop.Register(lifetime.StopApplication);
        try
        {
            await _web.StartAsync(CancellationToken.None);
            return true;
        }
        catch (Exception failure)
        {
            var isTold = failure is OperationCanceledException && lifetime.ApplicationStopping.IsCancellationRequested;

            // What had started by then ends as at any stop; if it were only disposed of, that would be reported as its failure, beside the cause.
            await _web.StopAsync(CancellationToken.None);
            if (isTold)
            {
                return false;
            }

            throw;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => _web.StopAsync(cancellationToken);

    /// <summary>Completes when the hub has stopped: because the host was told to end, or the token was.</summary>
    public Task WaitForShutdownAsync(CancellationToken stop) => _web.WaitForShutdownAsync(stop);

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
