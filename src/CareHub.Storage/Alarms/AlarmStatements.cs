using CareHub.Core.Alarms;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms;

/// <summary>
/// Rows of alarms. Half of all signals change an alarm, so a change writes only what can change: SQLite rewrites every
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
    private readonly List<Change> _changes = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _rowIds = new(StringComparer.Ordinal);

    public AlarmStatements(SqliteConnection connection)
    {
        string[] all = [.. AlarmColumns.Fixed, .. AlarmColumns.Moving, .. AlarmColumns.Closing];
        _insert = new(connection, $"INSERT INTO alarms ({string.Join(", ", all)}) VALUES ({string.Join(", ", all.Select((_, index) => $"?{index + 1}"))}) RETURNING rowid");
        _find = new(connection, "SELECT rowid FROM alarms WHERE id = ?1");
        _update = new(connection, UpdateOf(AlarmColumns.Moving));
        _close = new(connection, UpdateOf([.. AlarmColumns.Moving, .. AlarmColumns.Closing]));
    }

    /// <summary>Writes the last word on each alarm; what came between stands in the timeline.</summary>
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
                _changes[index] = _changes[index] with { Alarm = alarm };
                continue;
            }

            _indexes.Add(alarm.Id, _changes.Count);
            _changes.Add(new Change(alarm, IsNew: alarm.Version == 1));
        }

        // In the order of their first changes: an alarm that makes room for another of its device and kind has done so before.
        foreach (var change in _changes)
        {
            Write(change);
        }
    }

    /// <summary>What was written since the last commit is not on disk: rows that were to be may come to lie elsewhere.</summary>
    public void RollBack() => _rowIds.Clear();

    public void Dispose()
    {
        _insert.Dispose();
        _find.Dispose();
        _update.Dispose();
        _close.Dispose();
    }

    private void Write(Change change)
    {
        var alarm = change.Alarm;
        if (change.IsNew)
        {
            BindFixed(alarm);
            BindClosing(_insert, BindMoving(_insert, AlarmColumns.Fixed.Length, alarm), alarm);
            Remember(alarm, _insert.RunForNumber()!.Value);
            return;
        }

        if (!Update(alarm, RowIdOf(alarm)))
        {
            // Somebody has rebuilt the file (VACUUM), and rows lie elsewhere.
            _rowIds.Clear();
            Update(alarm, RowIdOf(alarm));
        }

        if (!alarm.IsOpen)
        {
            _rowIds.Remove(alarm.Id);
        }
    }

    private bool Update(Alarm alarm, long rowId)
    {
        var statement = alarm.IsOpen ? _update : _close;
        statement.Bind(1, rowId).Bind(2, alarm.Id);
        var index = BindMoving(statement, 2, alarm);
        if (!alarm.IsOpen)
        {
            BindClosing(statement, index, alarm);
        }

        return statement.RunForChanges() == 1;
    }

    private long RowIdOf(Alarm alarm)
    {
        if (_rowIds.TryGetValue(alarm.Id, out var known))
        {
            return known;
        }

        _find.Bind(1, alarm.Id);
        var found = _find.RunForNumber() ?? throw new InvalidOperationException($"Alarm {alarm.Id} has changed to version {alarm.Version} and has no row.");
        Remember(alarm, found);
        return found;
    }

    private void Remember(Alarm alarm, long rowId)
    {
        if (!alarm.IsOpen)
        {
            return;
        }

        if (_rowIds.Count >= PlacesMax)
        {
            _rowIds.Clear();
        }

        _rowIds[alarm.Id] = rowId;
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

    private readonly record struct Change(Alarm Alarm, bool IsNew);
}
