using CareHub.Server.Replay;
using CareHub.Storage.Alarms;
using CareHub.Storage.Alarms.Verification;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CareHub.Server.Tests.Record;

public sealed class UpgradeTests
{
    [Fact]
    public async Task A_file_whose_timeline_has_an_index_and_no_links_gets_them_and_is_true_as_before()
    {
        using var history = await RandomHistory.CreateAsync(seed: 11);
        var (links, newest) = (Read(history, "SELECT position, previous FROM timeline"), Read(history, "SELECT id, last_entry FROM alarms"));
        Assert.Contains(links, link => !link.EndsWith(" 0", StringComparison.Ordinal));
        using (var context = AlarmLedger.CreateContext(history.Data.AlarmsFile))
        {
            await context.GetService<IMigrator>().MigrateAsync("SignalIdFirst");
        }

        Assert.Equal(2, Read(history, "SELECT name FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%' AND name IN ('signals', 'timeline')").Count);
        SqliteConnection.ClearAllPools();

        AlarmLedger.Open(history.Data).Dispose();

        Assert.Equal(links, Read(history, "SELECT position, previous FROM timeline"));
        Assert.Equal(newest, Read(history, "SELECT id, last_entry FROM alarms"));
        Assert.Empty(Read(history, "SELECT name FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%' AND name IN ('signals', 'timeline')"));
        await history.GoOnAsync(lives: 1);
        Assert.Empty(AlarmVerifier.Run(history.Data.AlarmsFile).Findings);
        Assert.Equal(0, ExactReplay.Run(history.Data.AlarmsFile).DifferenceCount);
    }

    private static List<string> Read(RandomHistory history, string sql)
    {
        using var connection = ReadOnlyFile.Open(history.Data.AlarmsFile);
        return [.. connection.Rows(sql).Select(row => string.Join(' ', Enumerable.Range(0, row.FieldCount).Select(row.GetValue)))];
    }
}
