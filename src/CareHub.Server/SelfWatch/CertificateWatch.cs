using CareHub.Server.Configuration;
using CareHub.Server.Security;
using CareHub.Storage.Registry;

namespace CareHub.Server.SelfWatch;

/// <summary>
/// Looks at the TLS files, because a file watch misses what a container's mount or a symbolic link does: takes a renewed
/// certificate without a restart, keeps the old one when the new files are broken, and says so; warns before it expires.
/// </summary>
internal sealed partial class CertificateWatch(TlsOptions options, TlsCertificates certificates, HubAlarms alarms, TimeProvider time, ILogger<CertificateWatch> log) : BackgroundService
{
    public const string ReloadFailed = "reload_failed";
    public const string ExpiresSoon = "expires_soon";
    public const string Expired = "expired";

    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan WarnBefore = TimeSpan.FromDays(30);

    private string _seen = "";
    private string? _brokenOnce;
    private bool _broken;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        do
        {
            try
            {
                Look();
                await ReportAsync();
            }
            catch (Exception failure)
            {
                // The next look says it again.
                LogLookFailed(failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Look()
    {
        var files = CertificateFiles.Read(options);
        var fingerprint = files.Fingerprint();
        if (fingerprint == _seen)
        {
            return;
        }

        var loaded = files.Load();
        if (loaded.Error is { } error)
        {
            // Certificate and key are two files and cannot change as one: a pair that does not fit gets a second look.
            if (_brokenOnce == fingerprint)
            {
                (_seen, _broken) = (fingerprint, true);
                LogReloadFailed(error);
            }

            _brokenOnce = fingerprint;
            return;
        }

        (_seen, _brokenOnce, _broken) = (fingerprint, null, false);
        certificates.Use(loaded);
        LogInUse(loaded.Certificate!.Thumbprint, loaded.Certificate.NotAfter.ToUniversalTime());
    }

    private Task ReportAsync()
    {
        var left = certificates.Current.Certificate!.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime;
        var reason = left <= TimeSpan.Zero ? Expired : _broken ? ReloadFailed : left < WarnBefore ? ExpiresSoon : null;
        return reason is null ? alarms.ClearAsync(HubSite.Certificate) : alarms.RaiseAsync(HubSite.Certificate, reason);
    }

    [LoggerMessage(6001, LogLevel.Information, "TLS certificate {Thumbprint} is in use, valid until {NotAfter:u}")]
    private partial void LogInUse(string thumbprint, DateTime notAfter);

    [LoggerMessage(6002, LogLevel.Error, "The new TLS files cannot be used, the hub keeps the certificate it has: {Error}")]
    private partial void LogReloadFailed(string error);

    [LoggerMessage(6003, LogLevel.Error, "The look at the TLS files failed")]
    private partial void LogLookFailed(Exception failure);
}
