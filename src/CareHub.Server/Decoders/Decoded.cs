namespace CareHub.Server.Decoders;

/// <summary>A payload's meaning, or why it has none. Never an exception.</summary>
internal readonly record struct Decoded<T>(T? Value, string? Reason, int Offset)
    where T : class
{
    public static Decoded<T> Of(T value) => new(value, null, 0);

    public static Decoded<T> Failure(string reason, long offset) => new(null, reason, (int)offset);
}
