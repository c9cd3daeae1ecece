using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CareHub.Storage;

/// <summary>
/// A prepared statement that runs for every message. Past Microsoft.Data.Sqlite, whose commands box each parameter and
/// look up its name at each run, and past SQLitePCLRaw, which counts references around each call. It runs in whatever
/// transaction its connection is in. Parameters count from 1, columns from 0.
/// </summary>
internal sealed class SqlStatement : IDisposable
{
    /// <summary>Texts up to this length are encoded on the stack.</summary>
    private const int StackCharsMax = 128;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <summary>The statement's own address, good until <see cref="Dispose"/>.</summary>
    private readonly nint _handle;

    public SqlStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
        _handle = _statement.DangerousGetHandle();
    }

    public SqlStatement Bind(int parameter, long value)
    {
        Check(SqliteNative.BindInt64(_handle, parameter, value));
        return this;
    }

    public SqlStatement Bind(int parameter, long? value)
    {
        Check(value is { } number ? SqliteNative.BindInt64(_handle, parameter, number) : SqliteNative.BindNull(_handle, parameter));
        return this;
    }

    public SqlStatement Bind(int parameter, double value)
    {
        Check(SqliteNative.BindDouble(_handle, parameter, value));
        return this;
    }

    public SqlStatement Bind(int parameter, double? value)
    {
        Check(value is { } number ? SqliteNative.BindDouble(_handle, parameter, number) : SqliteNative.BindNull(_handle, parameter));
        return this;
    }

    public SqlStatement Bind(int parameter, bool value) => Bind(parameter, value ? 1L : 0L);

    public SqlStatement Bind(int parameter, string? value)
    {
        if (value is null)
        {
            Check(SqliteNative.BindNull(_handle, parameter));
        }
        else if (value.Length <= StackCharsMax)
        {
            Span<byte> utf8 = stackalloc byte[StackCharsMax * 3];
            Check(SqliteNative.BindText(_handle, parameter, utf8[..Encoding.UTF8.GetBytes(value, utf8)]));
        }
        else
        {
            Check(SqliteNative.BindText(_handle, parameter, Encoding.UTF8.GetBytes(value)));
        }

        return this;
    }

    public SqlStatement Bind(int parameter, byte[]? value)
    {
        if (value is null)
        {
            Check(SqliteNative.BindNull(_handle, parameter));
            return this;
        }

        return Bind(parameter, value.AsSpan());
    }

    public SqlStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        // An empty span has no address, which SQLite would take for NULL.
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, parameter, 0) : SqliteNative.BindBlob(_handle, parameter, value));
        return this;
    }

    /// <summary>Moves to the next row; false, and ready to be bound again, at the end.</summary>
    public bool Step()
    {
        var outcome = SqliteNative.Step(_handle);
        if (outcome == raw.SQLITE_ROW)
        {
            return true;
        }

        // It repeats what the step has said.
        _ = SqliteNative.Reset(_handle);
        if (outcome != raw.SQLITE_DONE)
        {
            Check(outcome);
        }

        return false;
    }

    /// <summary>Runs to the end.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>First column of the first row as a number, or null; runs to the end.</summary>
    public long? RunForNumber()
    {
        long? value = null;
        while (Step())
        {
            value ??= Number(0);
        }

        return value;
    }

    /// <summary>Whether there is a row; runs to the end.</summary>
    public bool RunForAny()
    {
        var any = false;
        while (Step())
        {
            any = true;
        }

        return any;
    }

    /// <summary>Rows that it inserted, changed or deleted.</summary>
    public int RunForChanges()
    {
        Run();
        return raw.sqlite3_changes(_database);
    }

    public long? Number(int column) =>
        SqliteNative.ColumnType(_handle, column) == raw.SQLITE_NULL ? null : SqliteNative.ColumnInt64(_handle, column);

    public double Real(int column) => raw.sqlite3_column_double(_statement, column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public string? TextOrNull(int column) => SqliteNative.ColumnType(_handle, column) == raw.SQLITE_NULL ? null : Text(column);

    /// <summary>A text's or a blob's bytes where they lie, until the next step; empty for NULL.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => SqliteNative.ColumnBytes(_handle, column);

    public byte[] Blob(int column) => Bytes(column).ToArray();

    public void Dispose() => _statement.Dispose();

    private void Check(int outcome)
    {
        if (outcome != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(outcome, _database);
        }
    }
}
