using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Tests.Sessions;
using CareHub.Server.Tests.Support;
using CareHub.Storage;
using Microsoft.Data.Sqlite;

namespace CareHub.Server.Tests.BrokerStore;

/// <summary>The compliance of every store, and what is SQLite's own: rows, bounds, trouble with the file.</summary>
public sealed class SqliteSessionStoreTests : SessionStoreCompliance
{
    private readonly StoreFolder _folder = new();

    protected override async Task<ISessionStore> OpenAsync() => await _folder.OpenAsync();

    public override async Task DisposeAsync() => await _folder.RemoveAsync();

    [Fact]
    public async Task A_message_stands_once_and_goes_with_its_last_user()
    {
        var message = Message("t", new string('x', 1_000));
        for (var i = 1; i <= 100; i++)
        {
            Record(
                new StoreChange.SessionSaved($"s{i}", 60, null),
                new StoreChange.DeliverySaved($"s{i}", new DurableDelivery(i, message, 1, false, null, 0, false)));
        }

        Record(new StoreChange.RetainedSaved(message));
        Assert.Equal(1, await MessagesAsync());

        var state = await ReopenAsync();
        Assert.Single(state.Sessions.Select(session => session.Deliveries.Values.Single().Message).Append(state.Retained.Single()).Distinct(ReferenceEqualityComparer.Instance));
        // A loaded message is still the same one: sending it does not write it again.
        Record(new StoreChange.DeliverySaved("s1", new DurableDelivery(1, state.Retained.Single(), 1, false, null, 9, false)));
        Assert.Equal(1, await MessagesAsync());

        Record(new StoreChange.RetainedRemoved("t"u8.ToArray()), new StoreChange.DeliverySaved("s1", new DurableDelivery(1, null, 2, false, null, 9, true)));
        for (var i = 2; i <= 99; i++)
        {
            Record(i % 2 == 0 ? new StoreChange.DeliveryRemoved($"s{i}", i) : new StoreChange.SessionRemoved($"s{i}"));
        }

        Assert.Equal(1, await MessagesAsync());
        Record(new StoreChange.DeliveryRemoved("s100", 100));
        Assert.Equal(0, await MessagesAsync());
    }

    [Fact]
    public async Task A_message_that_comes_and_goes_before_it_is_written_leaves_nothing()
    {
        Record(new StoreChange.SessionSaved("s", 60, null));
        for (var i = 1; i <= 1_000; i++)
        {
            Record(
                new StoreChange.DeliverySaved("s", new DurableDelivery(i, Message("t", "m"), 1, false, null, 0, false)),
                new StoreChange.DeliveryRemoved("s", i));
        }

        Assert.Equal(0, await MessagesAsync());
        Assert.Empty(Assert.Single((await ReopenAsync()).Sessions).Deliveries);
    }

    [Fact]
    public async Task While_the_file_cannot_be_written_nothing_is_durable_and_then_nothing_is_missing()
    {
        var store = await _folder.OpenAsync(changesMax: 10);
        await store.FlushAsync(CancellationToken.None);
        Task durable;
        Task<long> recording;
        var recorded = 0;
        using (var other = SqliteFile.OpenUnpooledWriter(_folder.File))
        {
            SqliteFile.Execute(other, "BEGIN IMMEDIATE");
            durable = store.WhenDurable(store.Record(new StoreChange.SessionSaved("s", 60, null)));
            recording = Task.Run(() =>
            {
                long last = 0;
                for (ushort i = 1; i <= 100; i++)
                {
                    last = store.Record(new StoreChange.Qos2Received("s", i));
                    Volatile.Write(ref recorded, i);
                }

                return last;
            });
            // One batch is under way, one has gathered; then the broker waits.
            await Eventually.True(() => Volatile.Read(ref recorded) >= 10, "both batches are full");
            Assert.InRange(Volatile.Read(ref recorded), 10, 20);
            Assert.False(durable.IsCompleted);
            SqliteFile.Execute(other, "ROLLBACK");
        }

        await durable.WaitAsync(Eventually.Patience);
        await store.WhenDurable(await recording.WaitAsync(Eventually.Patience)).WaitAsync(Eventually.Patience);
        await _folder.CloseAsync();
        Assert.Equal(100, Assert.Single((await (await _folder.OpenAsync()).LoadAsync(CancellationToken.None)).Sessions).ReceivedQos2.Count);
    }

    [Fact]
    public async Task A_file_in_use_is_said_to_be()
    {
        var failure = Assert.Throws<IOException>(() => CareHub.Server.BrokerStore.BrokerFile.Open(_folder.File));
        Assert.Contains("in use by another process", failure.Message, StringComparison.Ordinal);
        await _folder.CloseAsync();
        CareHub.Server.BrokerStore.BrokerFile.Open(_folder.File).Dispose();
    }

    [Fact]
    public async Task A_file_that_is_no_database_or_damaged_or_of_the_future_is_said_to_be()
    {
        await _folder.CloseAsync();
        var sound = await File.ReadAllBytesAsync(_folder.File);
        await File.WriteAllTextAsync(_folder.File, string.Concat(Enumerable.Repeat("not a database. ", 1_000)));
        Assert.Contains("is damaged", Assert.Throws<IOException>(() => CareHub.Server.BrokerStore.BrokerFile.Open(_folder.File)).Message, StringComparison.Ordinal);

        // Its first page tells of tables that are not there.
        await File.WriteAllBytesAsync(_folder.File, [.. sound[..4_096], .. new byte[sound.Length - 4_096]]);
        Assert.Contains("is damaged", (await Assert.ThrowsAsync<IOException>(async () =>
        {
            using var file = CareHub.Server.BrokerStore.BrokerFile.Open(_folder.File);
            file.Load();
            await Task.CompletedTask;
        })).Message, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(_folder.File, sound);
        using (var connection = SqliteFile.OpenUnpooledWriter(_folder.File))
        {
            SqliteFile.Execute(connection, "PRAGMA user_version=99");
        }

        Assert.Contains("later version", Assert.Throws<IOException>(() => CareHub.Server.BrokerStore.BrokerFile.Open(_folder.File)).Message, StringComparison.Ordinal);
    }

    private async Task<long> MessagesAsync()
    {
        await Store.FlushAsync(CancellationToken.None).WaitAsync(Eventually.Patience);
        using var connection = new SqliteConnection(SqliteFile.ConnectionString(_folder.File));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM message";
        return (long)command.ExecuteScalar()!;
    }
}

/// <summary>Restarts of a real broker on a real file.</summary>
public sealed class SqlitePersistenceTests : PersistenceTests
{
    private readonly StoreFolder _folder = new();

    protected override async Task<ISessionStore> OpenAsync() => await _folder.OpenAsync();

    public override async Task DisposeAsync() => await _folder.RemoveAsync();
}
