using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Core.Silences;

/// <summary>Shelves and maintenance: begun by a person with a reason and an end, and over by themselves.</summary>
internal static class SilenceTriage
{
    /// <summary>A shift: whoever needs longer says so again (L11).</summary>
    public static readonly TimeSpan ShelfMax = TimeSpan.FromHours(8);

    public static readonly TimeSpan WalkTestMax = TimeSpan.FromHours(4);

    public static readonly TimeSpan OutOfServiceMax = TimeSpan.FromDays(30);

    /// <summary>Silences of one site at a time; a person who needs more has another problem.</summary>
    public const int PerSiteMax = 64;

    public static CommandResult Run(SiteStep step, AlarmCommand.OfSite command) => command switch
    {
        AlarmCommand.Shelve shelve => Shelve(step, shelve),
        AlarmCommand.Unshelve unshelve => step.Memory.Shelves.TryGetValue(unshelve.ShelfId, out var shelf)
            ? End(step, shelf, unshelve.Author, unshelve.Reason)
            : new(CommandOutcome.NotFound, null),
        AlarmCommand.BeginMaintenance begin => Begin(step, begin),
        AlarmCommand.EndMaintenance end => step.Memory.Maintenance.TryGetValue(end.MaintenanceId, out var maintenance)
            ? End(step, maintenance, end.Author, end.Reason)
            : new(CommandOutcome.NotFound, null),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "Unknown kind of command."),
    };

    private static CommandResult Shelve(SiteStep step, AlarmCommand.Shelve command)
    {
        var rules = step.Book.Defaults;
        var hidesLives = command.Kind is { } kind && (rules.FireKinds.Contains(kind) || (rules.BySignal.TryGetValue(kind, out var rule) && rule.Priority == Priority.Critical));
        var coversEverything = command.DeviceId is null && command.Kind is null;
        if (hidesLives || coversEverything || !IsWithin(step, command.Until, ShelfMax) || step.Memory.Shelves.Count >= PerSiteMax)
        {
            return new(CommandOutcome.NotAllowed, null);
        }

        var shelf = new Shelf(NextId(step), command.DeviceId, command.Kind, command.Author, command.Reason, step.Now, command.Until);
        step.Memory = step.Memory with { Shelves = step.Memory.Shelves.Add(shelf.Id, shelf) };
        step.Note(new(shelf.Id, 1, step.Now, AlarmEvent.Shelved, command.Author, $"shelf:{Scope(shelf.DeviceId, shelf.Kind)}:until:{shelf.Until:O}", command.Reason));
        foreach (var alarm in step.OpenInOrder(alarm => alarm.Suppression is null && shelf.Covers(alarm) && rules.MayBeSilenced(alarm)))
        {
            Suppressing.Suppress(step, alarm, new(SuppressionKind.Shelved, shelf.Id, shelf.Until, alarm.Priority), command.Author);
        }

        return new(CommandOutcome.Done, null, shelf.Id);
    }

    public static CommandResult End(SiteStep step, Shelf shelf, Author author, string reason)
    {
        step.Memory = step.Memory with { Shelves = step.Memory.Shelves.Remove(shelf.Id) };
        step.Note(new(shelf.Id, 2, step.Now, AlarmEvent.Unshelved, author, $"shelf:{reason}", null));
        ReleaseAll(step, shelf.Id, "unshelved", author);
        return new(CommandOutcome.Done, null, shelf.Id);
    }

    private static CommandResult Begin(SiteStep step, AlarmCommand.BeginMaintenance command)
    {
        var outOfService = command.Mode == MaintenanceMode.OutOfService;
        if ((outOfService && command.DeviceId is null)
            || !IsWithin(step, command.Until, outOfService ? OutOfServiceMax : WalkTestMax)
            || step.Memory.Maintenance.Count >= PerSiteMax)
        {
            return new(CommandOutcome.NotAllowed, null);
        }

        var maintenance = new Maintenance(NextId(step), command.Mode, command.DeviceId, command.Author, command.Reason, step.Now, command.Until);
        step.Memory = step.Memory with { Maintenance = step.Memory.Maintenance.Add(maintenance.Id, maintenance) };
        step.Note(new(maintenance.Id, 1, step.Now, AlarmEvent.MaintenanceBegun, command.Author,
            $"{Words<MaintenanceMode>.Of(maintenance.Mode)}:{Scope(maintenance.DeviceId, null)}:until:{maintenance.Until:O}", command.Reason));

        // What is already open is no test: a person answers it as usual.
        return new(CommandOutcome.Done, null, maintenance.Id);
    }

    public static CommandResult End(SiteStep step, Maintenance maintenance, Author author, string reason)
    {
        step.Memory = step.Memory with { Maintenance = step.Memory.Maintenance.Remove(maintenance.Id) };
        step.Note(new(maintenance.Id, 2, step.Now, AlarmEvent.MaintenanceEnded, author, $"{Words<MaintenanceMode>.Of(maintenance.Mode)}:{reason}:tests:{maintenance.Tests}", null));
        ReleaseAll(step, maintenance.Id, "in_service", author);
        return new(CommandOutcome.Done, null, maintenance.Id);
    }

    private static void ReleaseAll(SiteStep step, string cause, string reason, Author author)
    {
        foreach (var alarm in step.OpenInOrder(alarm => alarm.Suppression?.Cause == cause))
        {
            Suppressing.Release(step, alarm, reason, author);
        }
    }

    private static bool IsWithin(SiteStep step, DateTimeOffset until, TimeSpan max) => until > step.Now && until <= step.Now + max;

    private static string NextId(SiteStep step)
    {
        step.Memory = step.Memory with { LastSilence = step.Memory.LastSilence + 1 };
        return $"{step.State.SiteId}~{step.Memory.LastSilence}";
    }

    private static string Scope(string? deviceId, SignalKind? kind) =>
        string.Join('+', new[] { deviceId, kind is { } word ? Words<SignalKind>.Of(word) : null }.Where(part => part is not null).DefaultIfEmpty("site"));
}
