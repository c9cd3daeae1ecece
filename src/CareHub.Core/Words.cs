using System.Collections.Frozen;
using System.Text.Json;

namespace CareHub.Core;

/// <summary>
/// The lower snake case words of an enumeration, as they stand on the wire, in the API and in the database:
/// <c>SignalKind.BedExit</c> is <c>bed_exit</c>.
/// </summary>
internal static class Words<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<T, string> ByValue =
        Enum.GetValues<T>().ToFrozenDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

    private static readonly FrozenDictionary<string, T> ByWord = ByValue.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    public static IEnumerable<string> All => ByValue.OrderBy(pair => pair.Key).Select(pair => pair.Value);

    public static string Of(T value) => ByValue[value];

    public static bool TryParse(string word, out T value) => ByWord.TryGetValue(word, out value);
}
