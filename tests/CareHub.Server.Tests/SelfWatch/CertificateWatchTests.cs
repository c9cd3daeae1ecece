using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using CareHub.Core.Signals;
using CareHub.Mqtt.Client;
using CareHub.Server.Configuration;
using CareHub.Server.SelfWatch;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Alarms;
using CareHub.Storage.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.SelfWatch;

/// <summary>A renewed certificate is taken without a restart, a broken one is not and says so; one that ends soon says so too.</summary>
public sealed class CertificateWatchTests : IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _certificates.Dispose();

    private Task<TestHub> StartAsync() => TestHub.StartAsync(_time, options => options.Mqtt.Tls = new TlsOptions
    {
        Listen = "127.0.0.1:0", Certificate = _certificates.ServerFile, Key = _certificates.ServerKeyFile,
    });

    /// <summary>The watch looks when its time has come, and may be at work on the look before: time moves until it has seen.</summary>
    private Task LooksUntil(Func<bool> seen, string what) => Eventually.True(
        () =>
        {
            _time.Advance(CertificateWatch.LookEvery);
            return seen();
        },
        what);

    private static AlarmRow? Open(TestHub hub) => hub.OpenAlarms().Alarms.SingleOrDefault(alarm => alarm.ClosedAt == null);

    private static async Task<string> PresentedAsync(TestHub hub)
    {
        var seen = "";
        await using var device = await MqttClient.ConnectAsync(new MqttClientOptions
        {
            Port = hub.MqttTlsPort, Username = TestWorld.Button, Password = TestHub.Secret,
            Tls = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    seen = certificate!.GetSerialNumberString();
                    return seen.Length > 0;
                },
            },
        });
        return seen;
    }

    [Fact]
    public async Task A_renewed_certificate_serves_the_next_connection()
    {
        _certificates.WriteServer();
        await using var hub = await StartAsync();
        var before = await PresentedAsync(hub);

        _certificates.WriteServer();
        var now = before;
        await Eventually.Value(
            async () =>
            {
                _time.Advance(CertificateWatch.LookEvery);
                now = await PresentedAsync(hub);
                return now == before ? null : now;
            },
            "the new certificate is presented");

        Assert.Equal(X509CertificateLoader.LoadCertificateFromFile(_certificates.ServerFile).SerialNumber, now);
        Assert.Empty(hub.OpenAlarms().Alarms);
    }

    [Fact]
    public async Task A_broken_file_keeps_the_old_certificate_and_is_an_alarm_until_it_is_mended()
    {
        _certificates.WriteServer();
        await using var hub = await StartAsync();
        var before = await PresentedAsync(hub);

        await File.WriteAllTextAsync(_certificates.ServerFile, "not a certificate");
        await LooksUntil(() => Open(hub) is not null, "the broken file is an alarm");
        Assert.Equal((SignalKind.Fault, HubSite.Id, HubSite.Certificate, CertificateWatch.ReloadFailed), (Open(hub)!.Kind, Open(hub)!.SiteId, Open(hub)!.DeviceId, Open(hub)!.Zone));
        Assert.Equal(before, await PresentedAsync(hub));

        _certificates.WriteServer();
        await LooksUntil(() => Open(hub) is null, "the mended file ends the alarm");
        Assert.NotEqual(before, await PresentedAsync(hub));
    }

    [Fact]
    public async Task It_warns_thirty_days_before_the_end_and_not_again_after_a_restart()
    {
        _certificates.WriteServer(_time.GetUtcNow() + CertificateWatch.WarnBefore + TimeSpan.FromHours(1));
        await using var hub = await StartAsync();
        await LooksUntil(() => hub.Services.GetRequiredService<HubAlarms>() is not null, "the watch has looked");
        Assert.Empty(hub.OpenAlarms().Alarms);

        _time.Advance(TimeSpan.FromHours(2));
        await LooksUntil(() => Open(hub) is not null, "the warning is raised");
        Assert.Equal(CertificateWatch.ExpiresSoon, Open(hub)!.Zone);

        await hub.RestartAsync();
        var alarms = hub.Services.GetRequiredService<HubAlarms>();
        await alarms.RaiseAsync(HubSite.Certificate, CertificateWatch.ExpiresSoon);
        Assert.Equal(1, Open(hub)!.Count);
    }
}
