using CareHub.Core.Alarms;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms.Verification;

/// <summary>Alarms with their timelines, one at a time: a city's record does not fit into memory.</summary>
internal sealed class AlarmsQuery : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _timeline;
    private readonly SqliteParameter _id = new("$id", SqliteType.Text);

    public AlarmsQuery(SqliteConnection connection)
    {
        _connection = connection;
        _timeline = connection.CreateCommand();
        _timeline.CommandText = $"""
            {TimelineWalk.OfAlarm}
            SELECT seq, at, event, author_kind, author_id, author_name, reason, alarm_id FROM entry JOIN timeline ON timeline.position = entry.position ORDER BY seq
            """;
        _timeline.Parameters.Add(_id);
    }

    internal sealed record Facts(
        string Id, string SiteId, long Number, bool Active, bool Acknowledged, bool Chattering, int Count, string? ClaimedBy, long RaisedAt, long? ClosedAt, string? ClosedBy,
        bool HasDisposition, int Version, int AnnunciatedVersion, int DecisiveVersion);

    internal readonly record struct Entry(int Seq, long At, AlarmEvent Event, Author Author, string Reason, string AlarmId);

    public IEnumerable<Facts> All() => _connection.Rows(
        """
        SELECT id, site_id, number, active, acknowledged, chattering, count, claimed_by, raised_at, closed_at, closed_by, disposition IS NOT NULL, version, annunciated_version, decisive_version
        FROM alarms ORDER BY site_id, number
        """)
        .Select(row => new Facts(
            row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5), row.GetInt32(6), row.Text(7), row.GetInt64(8),
            row.Number(9), row.Text(10), row.GetBoolean(11), row.GetInt32(12), row.GetInt32(13), row.GetInt32(14)));

    public IEnumerable<Entry> TimelineOf(string alarmId)
    {
        _id.Value = alarmId;
        using var row = _timeline.ExecuteReader();
        while (row.Read())
        {
            yield return new(
                row.GetInt32(0), row.GetInt64(1), (AlarmEvent)row.GetByte(2), new Author((AuthorKind)row.GetByte(3), row.GetString(4), row.GetString(5)), row.GetString(6), row.GetString(7));
        }
    }

    public void Dispose() => _timeline.Dispose();
}
