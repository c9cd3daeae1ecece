namespace CareHub.Storage.Telemetry.Influx;

/// <summary>Quoting in InfluxQL; there are no bound parameters that all versions know.</summary>
internal static class InfluxQl
{
    public static string Text(string value) => $"'{Escape(value).Replace("'", "\\'", StringComparison.Ordinal)}'";

    public static string Name(string value) => $"\"{Escape(value).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
