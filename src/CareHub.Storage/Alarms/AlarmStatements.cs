using CareHub.Core.Alarms;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms;

/// <summary>
/// Rows of alarms and of their timelines. Half of all signals change an alarm, so a change writes only what can change: SQLite rewrites every
/// index of which a statement so much as names a column.
/// </summary>
internal sealed class AlarmStatements : IDisposable
{
    /// <summary>Open alarms whose place in the table is remembered. At the bound all are forgotten, and looked up as they change.</summary>
    private const int PlacesMax = 100_000;

    private readonly SqlStatement _insert;
    private readonly SqlStatement _find;
    private readonly SqlStatement _update;
    private readonly SqlStatement _close;
    private readonly SqlStatement _link;
    private readonly TimelineStatement _timeline;
    private readonly List<Change> _changes = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);

    public AlarmStatements(SqliteConnection connection, TimelineStatement timeline)
    {
        _timeline = timeline;
        string[] all = [.. AlarmColumns.Fixed, .. AlarmColumns.Moving, AlarmColumns.Link, .. AlarmColumns.Closing];
        _insert = new(connection, $"INSERT INTO alarms ({string.Join(", ", all)}) VALUES ({string.Join(", ", all.Select((_, index) => $"?{index + 1}"))}) RETURNING rowid");
        _find = new(connection, $"SELECT rowid, {AlarmColumns.Link} FROM alarms WHERE id = ?1");
        _update = new(connection, UpdateOf([.. AlarmColumns.Moving, AlarmColumns.Link]));
        _close = new(connection, UpdateOf([.. AlarmColumns.Moving, AlarmColumns.Link, .. AlarmColumns.Closing]));
        _link = new(connection, UpdateOf([AlarmColumns.Link]));
    }

    /// <summary>Writes each change into the timeline, and the last word on each alarm into its row.</summary>
    /// <exception cref="InvalidOperationException">A changed alarm has no row: the engine and the file do not agree.</exception>
    public void Write(IReadOnlyList<AlarmChange> changes)
    {
        _changes.Clear();
        _indexes.Clear();
        foreach (var change in changes)
        {
            var alarm = change.Alarm;
            if (_indexes.TryGetValue(alarm.Id, out var index))
            {
                var before = _changes[index];
                _changes[index] = new Change(alarm, before.IsNew, before.Place.After(_timeline, change.Entry));
                continue;
            }

            var isNew = alarm.Version == 1;
            _indexes.Add(alarm.Id, _changes.Count);
            _changes.Add(new Change(alarm, isNew, (isNew ? default : PlaceOf(alarm)).After(_timeline, change.Entry)));
        }

        // In the order of their first changes: an alarm that makes room for another of its device and kind has done so before.
        foreach (var change in _changes)
        {
            Write(change);
        }
    }

    /// <summary>Appends an entry that changes nothing of its alarm, or whose subject is none: a silence, a set of rules.</summary>
    public void Append(TimelineEntry entry)
    {
        var place = (Find(entry.AlarmId) ?? default).After(_timeline, entry);
        if (place.RowId == 0)
        {
            return;
        }

        _link.Bind(1, place.RowId).Bind(2, entry.AlarmId).Bind(3, place.LastEntry).Run();
        if (_places.ContainsKey(entry.AlarmId))
        {
            _places[entry.AlarmId] = place;
        }
    }

    /// <summary>What was written since the last commit is not on disk: rows that were to be may come to lie elsewhere.</summary>
    public void RollBack() => _places.Clear();

    public void Dispose()
    {
        _insert.Dispose();
        _find.Dispose();
        _update.Dispose();
        _close.Dispose();
        _link.Dispose();
    }

    private void Write(Change change)
    {
        var (alarm, place) = (change.Alarm, change.Place);
        if (change.IsNew)
        {
            BindFixed(alarm);
            var index = BindMoving(_insert, AlarmColumns.Fixed.Length, alarm);
            _insert.Bind(++index, place.LastEntry);
            BindClosing(_insert, index, alarm);
            Remember(alarm, place with { RowId = _insert.RunForNumber()!.Value });
            return;
        }

        if (!Update(alarm, place))
        {
            // Somebody has rebuilt the file (VACUUM), and rows lie elsewhere.
            _places.Clear();
            place = place with { RowId = PlaceOf(alarm).RowId };
            Update(alarm, place);
        }

        Remember(alarm, place);
    }

    private bool Update(Alarm alarm, Place place)
    {
        var statement = alarm.IsOpen ? _update : _close;
        statement.Bind(1, place.RowId).Bind(2, alarm.Id);
        var index = BindMoving(statement, 2, alarm);
        statement.Bind(++index, place.LastEntry);
        if (!alarm.IsOpen)
        {
            BindClosing(statement, index, alarm);
        }

        return statement.RunForChanges() == 1;
    }

    private Place PlaceOf(Alarm alarm) =>
        Find(alarm.Id) ?? throw new InvalidOperationException($"Alarm {alarm.Id} has changed to version {alarm.Version} and has no row.");

    private Place? Find(string alarmId)
    {
        if (_places.TryGetValue(alarmId, out var known))
        {
            return known;
        }

        _find.Bind(1, alarmId);
        Place? found = null;
        while (_find.Step())
        {
            found = new(_find.Number(0)!.Value, _find.Number(1)!.Value);
        }

        return found;
    }

    private void Remember(Alarm alarm, Place place)
    {
        if (!alarm.IsOpen)
        {
            _places.Remove(alarm.Id);
            return;
        }

        if (_places.Count >= PlacesMax)
        {
            _places.Clear();
        }

        _places[alarm.Id] = place;
    }

    private void BindFixed(Alarm alarm) => _insert
        .Bind(1, alarm.Id)
        .Bind(2, alarm.SiteId)
        .Bind(3, alarm.Number)
        .Bind(4, alarm.DeviceId)
        .Bind(5, alarm.DeviceKind)
        .Bind(6, alarm.GatewayId)
        .Bind(7, alarm.ResidentId)
        .Bind(8, (int)alarm.Kind)
        .Bind(9, alarm.RaisedAt.ToUnixTimeMilliseconds())
        .Bind(10, alarm.OccurredAt.ToUnixTimeMilliseconds());

    /// <summary>Binds after <paramref name="index"/>; returns the last index used.</summary>
    private static int BindMoving(SqlStatement statement, int index, Alarm alarm)
    {
        statement
            .Bind(++index, (int)alarm.Priority)
            .Bind(++index, alarm.Active)
            .Bind(++index, alarm.Acknowledged)
            .Bind(++index, alarm.LastSignalAt.ToUnixTimeMilliseconds())
            .Bind(++index, alarm.AnnunciatedAt.ToUnixTimeMilliseconds())
            .Bind(++index, alarm.ActivatedAt.ToUnixTimeMilliseconds())
            .Bind(++index, alarm.Seen)
            .Bind(++index, alarm.Policy)
            .Bind(++index, alarm.Tier)
            .Bind(++index, UnixMs.From(alarm.EscalatedAt))
            .Bind(++index, (int?)alarm.EscalatedTo)
            .Bind(++index, (int)alarm.Stage)
            .Bind(++index, UnixMs.From(alarm.ProgressAt))
            .Bind(++index, alarm.Reminded);
        index = BindSignature(statement, index, alarm.AssignedTo);
        statement
            .Bind(++index, alarm.IncidentId)
            .Bind(++index, (int)alarm.Incident)
            .Bind(++index, (int?)alarm.Suppression?.Kind)
            .Bind(++index, alarm.Suppression?.Cause)
            .Bind(++index, UnixMs.From(alarm.Suppression?.Until))
            .Bind(++index, (int?)alarm.Suppression?.Restores)
            .Bind(++index, alarm.Chattering)
            .Bind(++index, UnixMs.From(alarm.VerifyUntil))
            .Bind(++index, alarm.Count)
            .Bind(++index, alarm.Zone);
        index = BindSignature(statement, index, alarm.AcknowledgedBy);
        index = BindSignature(statement, index, alarm.ClaimedBy);
        index = BindSignature(statement, index, alarm.FirstSeenBy);
        statement
            .Bind(++index, alarm.Version)
            .Bind(++index, alarm.AnnunciatedVersion)
            .Bind(++index, alarm.DecisiveVersion);
        return index;
    }

    private static int BindSignature(SqlStatement statement, int index, Signature? signature)
    {
        statement
            .Bind(++index, signature?.User)
            .Bind(++index, signature?.Name)
            .Bind(++index, UnixMs.From(signature?.At));
        return index;
    }

    private static void BindClosing(SqlStatement statement, int index, Alarm alarm) => statement
        .Bind(++index, UnixMs.From(alarm.ClosedAt))
        .Bind(++index, (int?)alarm.Disposition)
        .Bind(++index, (int?)alarm.ClosedBy?.Kind)
        .Bind(++index, alarm.ClosedBy?.Id)
        .Bind(++index, alarm.ClosedBy?.Name);

    private static string UpdateOf(IReadOnlyList<string> columns) =>
        $"UPDATE alarms SET {string.Join(", ", columns.Select((column, index) => $"{column} = ?{index + 3}"))} WHERE rowid = ?1 AND id = ?2";

    private readonly record struct Change(Alarm Alarm, bool IsNew, Place Place);

    /// <summary>Where an alarm's row is, and the newest entry of its timeline; 0 when there is none.</summary>
    private readonly record struct Place(long RowId, long LastEntry)
    {
        public Place After(TimelineStatement timeline, TimelineEntry entry) => this with { LastEntry = timeline.Append(entry, LastEntry) };
    }
}
