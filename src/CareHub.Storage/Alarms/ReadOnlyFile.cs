using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms;

/// <summary>The alarm database as it stands at one moment, beside a running hub or without one. Nothing in it can be changed.</summary>
internal static class ReadOnlyFile
{
    /// <summary>Opens it and begins the one transaction in which everything is read.</summary>
    public static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            connection.Open();

            // The moment is that of the first read.
            SqliteFile.Execute(connection, "PRAGMA busy_timeout = 5000; BEGIN; SELECT COUNT(*) FROM sqlite_schema;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static IEnumerable<SqliteDataReader> Rows(this SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return reader;
        }
    }

    public static string? Text(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static long? Number(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}
