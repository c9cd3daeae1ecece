using System.Runtime.InteropServices;

namespace CareHub.Storage;

/// <summary>
/// The calls of SQLite's C interface that run several times for every message, without a wrapper's reference counting.
/// Whoever calls owns the statement and uses it from one thread at a time. Those that can fail return a result code of SQLite.
/// </summary>
internal static unsafe partial class SqliteNative
{
    private const string Library = "e_sqlite3";

    /// <summary>SQLITE_TRANSIENT: SQLite makes a copy of the bytes before the call returns.</summary>
    private const nint Transient = -1;

    // The three below only store a number: the runtime need not be told that the thread is away.
    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    [SuppressGCTransition]
    public static partial int BindInt64(nint statement, int parameter, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_double")]
    [SuppressGCTransition]
    public static partial int BindDouble(nint statement, int parameter, double value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null")]
    [SuppressGCTransition]
    public static partial int BindNull(nint statement, int parameter);

    // So do these, which look at the row at hand.
    [LibraryImport(Library, EntryPoint = "sqlite3_column_type")]
    [SuppressGCTransition]
    public static partial int ColumnType(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    [SuppressGCTransition]
    public static partial long ColumnInt64(nint statement, int column);

    /// <summary>A text's or a blob's bytes where they lie, until the next step; empty for NULL.</summary>
    public static ReadOnlySpan<byte> ColumnBytes(nint statement, int column)
    {
        // The address first: it is what makes the length that of the bytes.
        var bytes = ColumnBlob(statement, column);
        return new ReadOnlySpan<byte>(bytes, bytes is null ? 0 : ColumnLength(statement, column));
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    private static partial byte* ColumnBlob(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    [SuppressGCTransition]
    private static partial int ColumnLength(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    public static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    public static partial int Reset(nint statement);

    public static int BindText(nint statement, int parameter, ReadOnlySpan<byte> utf8)
    {
        // An empty text needs an address too, or SQLite takes it for NULL.
        byte none = 0;
        fixed (byte* bytes = utf8)
        {
            return BindText(statement, parameter, utf8.IsEmpty ? &none : bytes, utf8.Length, Transient);
        }
    }

    public static int BindBlob(nint statement, int parameter, ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = value)
        {
            return BindBlob(statement, parameter, bytes, value.Length, Transient);
        }
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    private static partial int BindText(nint statement, int parameter, byte* utf8, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    private static partial int BindBlob(nint statement, int parameter, byte* value, int length, nint destructor);
}
