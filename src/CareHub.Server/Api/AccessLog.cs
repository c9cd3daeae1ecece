using System.Collections.Concurrent;
using CareHub.Core.Alarms;
using CareHub.Server.Security;
using CareHub.Storage.Alarms;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Api;

/// <summary>
/// Puts on record who opened whose card or readings, and when. A page that is open asks again, at every change or every few seconds: that is
/// one opening, and it is over when nobody has asked for a while. A disk that takes no record keeps nobody from the card of somebody who
/// needs help: it is shown, and the log says so.
/// </summary>
internal sealed partial class AccessLog(IDbContextFactory<AlarmsContext> alarms, TimeProvider time, ILogger<AccessLog> log)
{
    /// <summary>In the place of an alarm's id: readings are a person's, not an alarm's.</summary>
    private const string NoAlarm = "";

    private static readonly TimeSpan OneOpening = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Opening, DateTimeOffset> _lastAsked = new();

    public async Task CardAsync(Caller caller, Alarm alarm)
    {
        // The card shows the person's readings too, and asks for them itself.
        if (alarm.ResidentId is { } resident)
        {
            IsOpen(new Opening(caller.User, NoAlarm, resident));
        }

        await RecordAsync(new Opening(caller.User, alarm.Id, alarm.ResidentId));
    }

    /// <param name="residentId">Whose readings they are; those of a common space are nobody's.</param>
    public Task ReadingsAsync(Caller caller, string? residentId) =>
        residentId is null ? Task.CompletedTask : RecordAsync(new Opening(caller.User, NoAlarm, residentId));

    private async Task RecordAsync(Opening opening)
    {
        if (IsOpen(opening))
        {
            return;
        }

        try
        {
            await using var context = await alarms.CreateDbContextAsync();
            context.Access.Add(new AccessRow { At = time.HubNow().ToUnixTimeMilliseconds(), User = opening.User, AlarmId = opening.AlarmId, ResidentId = opening.ResidentId });
            await context.SaveChangesAsync();
        }
        catch (Exception failure) when (failure is DbUpdateException or SqliteException)
        {
            // Not on record: whoever asks again has not opened it yet.
            _lastAsked.TryRemove(opening, out _);
            LogUnrecorded(failure, opening.User, opening.AlarmId, opening.ResidentId);
        }
    }

    /// <summary>Whether it was open already; it is from now on.</summary>
    private bool IsOpen(Opening opening)
    {
        var now = time.HubNow();
        if (_lastAsked.Count >= Limits.OpeningsRemembered)
        {
            Forget(now);
        }

        var isOpen = false;
        _lastAsked.AddOrUpdate(opening, now, (_, last) =>
        {
            isOpen = now - last < OneOpening;
            return now;
        });
        return isOpen;
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (opening, last) in _lastAsked)
        {
            if (now - last >= OneOpening)
            {
                _lastAsked.TryRemove(opening, out _);
            }
        }

        if (_lastAsked.Count >= Limits.OpeningsRemembered)
        {
            _lastAsked.Clear();
        }
    }

    [LoggerMessage(3005, LogLevel.Error, "{User} opened alarm '{AlarmId}' or readings of resident '{ResidentId}', which could not be put on record")]
    private partial void LogUnrecorded(Exception failure, string user, string alarmId, string? residentId);

    private readonly record struct Opening(string User, string AlarmId, string? ResidentId);
}
