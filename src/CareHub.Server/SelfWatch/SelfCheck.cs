using CareHub.Server.Bridge;
using CareHub.Server.Push;
using CareHub.Storage;
using CareHub.Storage.Registry;
using CareHub.Storage.Telemetry;

namespace CareHub.Server.SelfWatch;

/// <summary>
/// Silence is an alarm, also the hub's own: looks at its disk, its clock, the duty desks, InfluxDB and bridges, and says what
/// it sees in the same queue as everything else. <see cref="Jobs.SelfCheckJob"/> has it look every ten seconds.
/// </summary>
internal sealed partial class SelfCheck(
    DataDirectory data, ConsoleBook consoles, TelemetryStorage telemetry, BridgeService bridges, HubAlarms alarms, TimeProvider time, ILogger<SelfCheck> log)
{
    /// <summary>A desk may be left, a page reloaded, a server restarted, for this long.</summary>
    public static readonly TimeSpan DeskGrace = TimeSpan.FromSeconds(60);

    /// <summary>How long another broker may be away; it keeps its messages meanwhile, and nobody here sees them.</summary>
    public static readonly TimeSpan BridgeGrace = TimeSpan.FromSeconds(60);

    /// <summary>How long InfluxDB may be away before somebody should know; readings are spooled meanwhile.</summary>
    public static readonly TimeSpan InfluxGrace = TimeSpan.FromMinutes(5);

    /// <summary>How long points that InfluxDB refused for good are an alarm.</summary>
    public static readonly TimeSpan RejectMemory = TimeSpan.FromMinutes(15);

    /// <summary>How long readings that the quota took are an alarm.</summary>
    public static readonly TimeSpan ShedMemory = TimeSpan.FromMinutes(15);

    /// <summary>Share of its quota from which on the spool is an alarm: it is time to look why.</summary>
    public const double SpoolFullShare = 0.8;

    /// <summary>Free space below which the disk is an alarm; SQLite needs room for its log as well as for its data.</summary>
    public const long FreeBytesMin = 512L * 1024 * 1024;

    private DateTimeOffset? _deskLeftAt;
    private DateTimeOffset? _influxAwaySince;
    private DateTimeOffset? _bridgeDownSince;

    public async Task LookAsync()
    {
        await SayAsync(HubSite.Disk, Disk());
        await SayAsync(HubSite.Clock, Clock());
        await SayAsync(HubSite.Duty, Duty());
        await SayAsync(HubSite.Influx, Influx());
        await SayAsync(HubSite.Spool, Spool());
        await SayAsync(HubSite.Bridge, Bridge());
    }

    private string? Disk() => new DriveInfo(data.Root).AvailableFreeSpace < FreeBytesMin ? "low_space" : null;

    private string? Clock() => time is SteadyTime { IsOffWall: true } ? "clock_stepped" : null;

    private string? Duty()
    {
        if (consoles.AudibleCount > 0)
        {
            _deskLeftAt = null;
            return null;
        }

        _deskLeftAt ??= time.HubNow();
        return time.HubNow() - _deskLeftAt < DeskGrace ? null
            : consoles.Count == 0 ? "desk_empty"
            : "desk_inaudible";
    }

    private string? Influx()
    {
        if (telemetry.Forwarder is not { } state)
        {
            return null;
        }

        // Confirmed as far as the spool is concerned, and not there: whoever looks only at the lag would miss it.
        var rejects = state.LastRejectedAt is { } rejected && time.GetUtcNow() - rejected < RejectMemory ? "influx_rejects" : null;
        if (!state.Failing)
        {
            _influxAwaySince = null;
            return rejects;
        }

        _influxAwaySince ??= time.HubNow();
        // Wrong credentials do not come right by waiting.
        return state.Refused ? "influx_refused"
            : time.HubNow() - _influxAwaySince < InfluxGrace ? rejects
            : "influx_away";
    }

    private string? Spool()
    {
        var spool = telemetry.SpoolState;
        return spool.Failing ? "spool_fails"
            : spool.LastShedAt is { } shed && time.GetUtcNow() - shed < ShedMemory ? "spool_shedding"
            : spool.Bytes > spool.BytesMax * SpoolFullShare ? "spool_filling"
            : null;
    }

    private string? Bridge()
    {
        var lanes = bridges.Status;
        if (lanes.Any(lane => lane.Connected && lane.RefusedFilters.Count > 0))
        {
            return "bridge_refused";
        }

        if (lanes.All(lane => lane.Connected))
        {
            _bridgeDownSince = null;
            return null;
        }

        _bridgeDownSince ??= time.HubNow();
        return time.HubNow() - _bridgeDownSince < BridgeGrace ? null : "bridge_down";
    }

    private async Task SayAsync(string part, string? reason)
    {
        try
        {
            await (reason is null ? alarms.ClearAsync(part) : alarms.RaiseAsync(part, reason));
        }
        catch (Exception failure)
        {
            // It could not be kept; consoles see by the heartbeat that nothing can. The next look says it again.
            LogNotKept(failure, part);
        }
    }

    [LoggerMessage(6010, LogLevel.Error, "The state of {Part} could not be recorded")]
    private partial void LogNotKept(Exception failure, string part);
}
