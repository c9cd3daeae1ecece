using CareHub.Mqtt.Sessions;
using CareHub.Storage;
using Microsoft.Data.Sqlite;

namespace CareHub.Server.BrokerStore;

/// <summary>
/// <c>broker.db</c>, open for this process alone: a second broker on the same sessions would contradict the first.
/// A file that is locked, damaged or too new is an <see cref="IOException"/> that says so.
/// </summary>
internal sealed class BrokerFile : IDisposable
{
    /// <summary>How long a transaction waits for another process to let go of the file before it counts as failed.</summary>
    private const int BusyTimeoutMs = 1_000;

    private readonly string _path;
    private readonly FileStream _lock;
    private readonly MessageIds _ids = new();
    private SqliteConnection? _connection;
    private BrokerWriter? _writer;

    private BrokerFile(string path, FileStream held)
    {
        _path = path;
        _lock = held;
    }

    public static BrokerFile Open(string path)
    {
        FileStream held;
        try
        {
            held = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new IOException($"{path} is in use by another process.", taken);
        }

        var file = new BrokerFile(path, held);
        try
        {
            file.Connect();
            return file;
        }
        catch (SqliteException failure)
        {
            file.Dispose();
            throw Explain(path, failure);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Everything the file holds.</summary>
    public StoredState Load()
    {
        try
        {
            return BrokerLoader.Load(_connection!, _ids);
        }
        catch (SqliteException failure)
        {
            throw Explain(_path, failure);
        }
    }

    /// <summary>Applies the changes in one transaction: all of them are durable when this returns, none when it throws.</summary>
    public void Write(IReadOnlyList<StoreChange> changes)
    {
        try
        {
            if (_writer is null)
            {
                Connect();
            }

            _writer!.Write(changes);
        }
        catch
        {
            // Closing rolls back; the next try starts from what the file says.
            Disconnect();
            throw;
        }
    }

    public void Dispose()
    {
        Disconnect();
        _lock.Dispose();
    }

    private static IOException Explain(string path, SqliteException failure)
    {
        const int Busy = 5, Locked = 6, Corrupt = 11, NotADatabase = 26;
        var what = failure.SqliteErrorCode switch
        {
            Busy or Locked => "is locked by another process",
            Corrupt or NotADatabase => "is damaged: restore it from a backup, or move it away to start without the sessions and retained messages it holds",
            _ => "cannot be used",
        };
        return new IOException($"{path} {what} ({failure.Message})", failure);
    }

    private void Connect()
    {
        Disconnect();
        _connection = SqliteFile.OpenUnpooledWriter(_path);
        SqliteFile.Execute(_connection, $"PRAGMA busy_timeout={BusyTimeoutMs}");
        BrokerSchema.Prepare(_connection, _path);
        _writer = new BrokerWriter(_connection, _ids);
    }

    private void Disconnect()
    {
        _writer?.Dispose();
        _writer = null;
        _connection?.Dispose();
        _connection = null;
    }
}
