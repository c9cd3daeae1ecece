using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Registry;

/// <summary>Tells whether anybody, this process or another (an import), has changed the registry since the last look.</summary>
internal sealed class RegistryWatch : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _version;
    private long _seen;

    public RegistryWatch(RegistryStore store)
    {
        _connection = new SqliteConnection(SqliteFile.ConnectionString(store.File));
        _connection.Open();
        _version = _connection.CreateCommand();

        // Changes when another connection commits; this one never writes.
        _version.CommandText = "PRAGMA data_version";
        _seen = Read();
    }

    public bool HasChanged()
    {
        var now = Read();
        var changed = now != _seen;
        _seen = now;
        return changed;
    }

    private long Read() => (long)_version.ExecuteScalar()!;

    public void Dispose()
    {
        _version.Dispose();
        _connection.Dispose();
    }
}
