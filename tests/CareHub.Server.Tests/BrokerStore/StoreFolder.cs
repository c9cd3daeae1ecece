using CareHub.Mqtt.Sessions;
using CareHub.Server.BrokerStore;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Server.Tests.BrokerStore;

/// <summary>A folder with a <c>broker.db</c>, opened again and again as restarts would.</summary>
internal sealed class StoreFolder
{
    private ISessionStore? _open;

    public string Root { get; } = Directory.CreateTempSubdirectory("carehub-broker-").FullName;

    public string File => Path.Combine(Root, "broker.db");

    public async Task<SqliteSessionStore> OpenAsync(int changesMax = Limits.BrokerChangesMax, long bytesMax = Limits.BrokerChangesBytesMax)
    {
        await CloseAsync();
        var store = SqliteSessionStore.Open(File, NullLogger.Instance, changesMax, bytesMax);
        _open = store;
        return store;
    }

    public async Task CloseAsync()
    {
        if (_open is SqliteSessionStore store)
        {
            await store.DisposeAsync();
        }

        _open = null;
    }

    public async Task RemoveAsync()
    {
        await CloseAsync();
        Directory.Delete(Root, recursive: true);
    }
}
