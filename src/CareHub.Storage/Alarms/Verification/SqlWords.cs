namespace CareHub.Storage.Alarms.Verification;

/// <summary>Words of the domain as a list of the numbers by which they are stored: for <c>IN</c>.</summary>
internal static class SqlWords
{
    public static string ListOf<T>(params IEnumerable<T> words)
        where T : struct, Enum => string.Join(", ", words.Select(word => Convert.ToInt32(word, null)));
}
