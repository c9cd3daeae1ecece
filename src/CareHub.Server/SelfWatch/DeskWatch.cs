using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Server.Pipeline;
using CareHub.Server.Push;
using CareHub.Server.Security;

namespace CareHub.Server.SelfWatch;

/// <summary>
/// A desk may be left while something sounds there that nobody has answered. What begins to sound where nobody sits goes straight to
/// whoever is told by other means; what sounded before does so once the desk has been empty for <see cref="Grace"/>.
/// </summary>
internal sealed partial class DeskWatch(LiveQueue queue, ConsoleBook consoles, AlarmScope scope, TriagePipeline pipeline, TimeProvider time, ILogger<DeskWatch> log)
{
    /// <summary>A page is reloaded, a line is lost, a hub starts again: consoles are back within half of this.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private Dictionary<string, DateTimeOffset> _emptySince = new(StringComparer.Ordinal);

    public async Task LookAsync()
    {
        var now = time.HubNow();
        var before = _emptySince;
        _emptySince = queue.CallingSites().Where(siteId => !consoles.IsStaffed(siteId, scope))
            .ToDictionary(siteId => siteId, siteId => before.GetValueOrDefault(siteId, now), StringComparer.Ordinal);
        foreach (var (siteId, since) in _emptySince)
        {
            if (now - since >= Grace)
            {
                await TellAsync(siteId);
            }
        }
    }

    private async Task TellAsync(string siteId)
    {
        try
        {
            await pipeline.CommandAsync(siteId, new AlarmCommand.FindDeskEmpty(EmptyDesk.Author));
        }
        catch (Exception failure)
        {
            // It could not be kept; the next look says it again.
            LogNotKept(failure, siteId);
        }
    }

    [LoggerMessage(6011, LogLevel.Error, "That no desk covers site {SiteId} could not be recorded")]
    private partial void LogNotKept(Exception failure, string siteId);
}
