using CareHub.Core.Alarms;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms.Verification;

/// <summary>
/// The hash chain, row after row. A broken link is named once, and the walk goes on from the hash that the row has, so that
/// each break is found and not only the first.
/// </summary>
internal sealed class ChainCheck : ICheck
{
    public IEnumerable<Finding> Run(SqliteConnection connection)
    {
        var (position, hash) = (0L, TimelineChain.Root);
        foreach (var row in connection.Rows("SELECT position, alarm_id, seq, at, event, author_kind, author_id, author_name, reason, note, hash FROM timeline ORDER BY position"))
        {
            var where = $"timeline row {row.GetInt64(0)} ({row.GetString(1)}, {row.GetInt64(2)})";
            if (row.GetInt64(0) != position + 1)
            {
                yield return new("chain", where, $"follows row {position}: rows between them are missing");
            }

            position = row.GetInt64(0);
            var entry = new TimelineEntry(
                row.GetString(1), row.GetInt32(2), UnixMs.ToTime(row.GetInt64(3)), (AlarmEvent)row.GetByte(4),
                new Author((AuthorKind)row.GetByte(5), row.GetString(6), row.GetString(7)), row.GetString(8), row.Text(9));
            var written = row.GetFieldValue<byte[]>(10);
            if (!TimelineChain.Next(hash, entry).AsSpan().SequenceEqual(written))
            {
                yield return new("chain", where, "its hash does not follow from the row and the hash before it: this row, its hash or the row before it was changed");
            }

            hash = written;
        }
    }
}
