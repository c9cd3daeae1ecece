using System.Text;
using CareHub.Core.Alarms;
using CareHub.Mqtt.Client;
using CareHub.Server.Commands;
using CareHub.Server.Configuration;
using CareHub.Server.Push;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using CareHub.Storage.Registry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;

namespace CareHub.Server.Tests.Support;

/// <summary>The real hub in this process: real sockets, real SQLite, a folder of its own, and a small registered world.</summary>
internal sealed class TestHub : IAsyncDisposable
{
    public const string Password = "correct horse";
    public const string Secret = "secret-of-a-device";

    private readonly HubOptions _options;
    private readonly TimeProvider _time;
    private HubApp? _app;
    private bool _staffed;

    private TestHub(TimeProvider time)
    {
        _time = time;
        _options = new HubOptions
        {
            DataDirectory = Path.Combine(Path.GetTempPath(), $"carehub-test-{Guid.NewGuid():N}"),
            Mqtt = { Listen = "127.0.0.1:0" },
        };
    }

    /// <summary>Stands between the pipeline and the disk.</summary>
    public FaultyLedger Ledger { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    public int MqttPort => _app!.MqttEndpoints[0].Port;

    public int MqttTlsPort => _app!.MqttTlsEndpoints[0].Port;

    public Uri Url => new(_app!.Urls.First());

    public HubOptions Options => _options;

    public string DataDirectory => _options.DataDirectory;

    /// <param name="staffed">Whether somebody sits at a desk that covers everything; without, alarms go straight to the supervisors.</param>
    public static async Task<TestHub> StartAsync(TimeProvider? time = null, Action<HubOptions>? configure = null, bool staffed = true)
    {
        var hub = new TestHub(time ?? TimeProvider.System) { _staffed = staffed };
        configure?.Invoke(hub._options);
        TestWorld.Create(hub._options.DataDirectory);
        await hub.RunAsync();
        return hub;
    }

    /// <summary>Stops the hub in good order and starts it again on the same data.</summary>
    public async Task RestartAsync(Func<Task>? meanwhile = null)
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        await RunAsync();
    }

    private async Task RunAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Test" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = await HubApp.BuildAsync(builder, _options, _time, TextWriter.Null, Adjust);
        await _app.StartAsync();
        if (_staffed)
        {
            var desk = Services.GetRequiredService<ConsoleBook>().Add("desk", new Caller("desk", "desk", Roles.Operator, RegistryStore.RootRegionId));
            desk.Audio = new(Ok: true, Confirmed: true);
        }
    }

    private void Adjust(IServiceCollection services)
    {
        services.AddSingleton<IAlarmLedger>(provider => Ledger = new FaultyLedger(AlarmLedger.Open(provider.GetRequiredService<DataDirectory>())));

        // Quartz goes by the clock on the wall; a test runs a job when it wants it to run.
        services.Remove(services.Single(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(QuartzHostedService)));
    }

    public Task<MqttClient> DeviceAsync(string deviceId, MqttVersion version = MqttVersion.V5, MqttWill? will = null, string secret = Secret) => MqttClient.ConnectAsync(new MqttClientOptions
    {
        Port = MqttPort,
        Version = version,
        ClientId = deviceId,
        Username = deviceId,
        Password = secret,
        Will = will,
    });

    public async Task<TestConsole> ConsoleAsync(string user = "operator") => await TestConsole.SignInAsync(Url, user, Password);

    public AlarmsContext OpenAlarms() => Services.GetRequiredService<IDbContextFactory<AlarmsContext>>().CreateDbContext();

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            Ledger.Release();
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_options.DataDirectory, recursive: true);
    }
}

internal static class DeviceExtensions
{
    public static Task<MqttPublishResult> SignalAsync(this MqttClient device, string json) =>
        device.PublishAsync($"care/v1/{device.ClientId}/signal", Encoding.UTF8.GetBytes(json), qos: 1);

    public static Task<MqttPublishResult> StatusAsync(this MqttClient device, string json) =>
        device.PublishAsync($"care/v1/{device.ClientId}/status", Encoding.UTF8.GetBytes(json), qos: 1, retain: true);
}
