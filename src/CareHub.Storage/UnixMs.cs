namespace CareHub.Storage;

/// <summary>Times as they are stored: milliseconds since 1970, UTC.</summary>
internal static class UnixMs
{
    public static DateTimeOffset ToTime(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    public static DateTimeOffset? ToTime(long? ms) => ms is { } value ? ToTime(value) : null;

    public static long? From(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();
}
