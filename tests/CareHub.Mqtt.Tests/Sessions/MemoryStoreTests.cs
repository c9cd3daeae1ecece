using CareHub.Mqtt.Sessions;

namespace CareHub.Mqtt.Tests.Sessions;

public sealed class MemoryPersistenceTests : PersistenceTests
{
    private readonly MemorySessionStore _store = new();

    protected override Task<ISessionStore> OpenAsync() => Task.FromResult<ISessionStore>(_store);
}

public sealed class MemorySessionStoreTests : SessionStoreCompliance
{
    private readonly MemorySessionStore _store = new();

    protected override Task<ISessionStore> OpenAsync() => Task.FromResult<ISessionStore>(_store);
}
