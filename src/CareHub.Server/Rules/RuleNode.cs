using System.Globalization;
using CareHub.Core;
using YamlDotNet.RepresentationModel;

namespace CareHub.Server.Rules;

/// <summary>
/// A place in the rule file. Whatever is wrong there is noted with its line and path, and reading goes on, so that a
/// person learns of every error at once.
/// </summary>
internal sealed class RuleNode(YamlNode node, string path, List<string> errors)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public string Path => path;

    public long Line => node.Start.Line;

    private YamlMappingNode? Mapping => node as YamlMappingNode;

    public void Wrong(string what) => errors.Add($"line {Line}: {(path.Length > 0 ? path + ": " : "")}{what}");

    /// <summary>The value of a key; null when it is not there.</summary>
    public RuleNode? Child(string key)
    {
        _asked.Add(key);
        return Mapping is { } mapping && mapping.Children.TryGetValue(new YamlScalarNode(key), out var child) ? new(child, Join(key), errors) : null;
    }

    /// <summary>Every key with its value, in the order of the file.</summary>
    public IEnumerable<(string Key, RuleNode Value)> Pairs()
    {
        if (Mapping is null)
        {
            Wrong("must be a mapping of names to values");
            return [];
        }

        return [.. Mapping.Children.Select(pair => (pair.Key.ToString(), new RuleNode(pair.Value, Join(pair.Key.ToString()), errors)))];
    }

    public IEnumerable<RuleNode> Items()
    {
        if (node is not YamlSequenceNode sequence)
        {
            Wrong("must be a list");
            return [];
        }

        return [.. sequence.Children.Select((item, index) => new RuleNode(item, $"{path}[{index + 1}]", errors))];
    }

    /// <summary>Call when everything known has been asked for: what is left is a misspelling.</summary>
    public void NothingElse()
    {
        if (Mapping is null)
        {
            Wrong("must be a mapping of names to values");
            return;
        }

        foreach (var key in Mapping.Children.Keys.Where(key => !_asked.Contains(key.ToString())))
        {
            errors.Add($"line {key.Start.Line}: {Join(key.ToString())} is not known here; known are {string.Join(", ", _asked.Order(StringComparer.Ordinal))}");
        }
    }

    public string? Text()
    {
        if (node is YamlScalarNode { Value: { Length: > 0 } text })
        {
            return text;
        }

        Wrong("must be a text");
        return null;
    }

    public T? Word<T>()
        where T : struct, Enum
    {
        if (Text() is not { } text)
        {
            return null;
        }

        if (Words<T>.TryParse(text, out var value))
        {
            return value;
        }

        Wrong($"'{text}' must be one of {string.Join(", ", Words<T>.All)}");
        return null;
    }

    public bool? Flag() => Parse<bool>(text => text switch { "true" => true, "false" => false, _ => null }, "true or false");

    public int? Count(int min, int max) =>
        Parse<int>(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value : null, $"a whole number from {min} to {max}");

    public double? Number(double min, double max) =>
        Parse<double>(text => double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value : null, $"a number from {min} to {max}");

    public double? Share() =>
        Parse<double>(text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= 1 ? value : null, "a number from 0 to 1");

    /// <summary><c>20s</c>, <c>10m</c>, <c>2h</c>; up to 30 days.</summary>
    public TimeSpan? Duration() => Parse<TimeSpan>(ToDuration, "a time such as 20s, 10m or 2h, up to 720h");

    public TimeOnly? TimeOfDay() => Parse<TimeOnly>(ToTimeOfDay, "a time of day such as 22:00");

    /// <summary><c>22:00-06:00</c>.</summary>
    public (TimeOnly From, TimeOnly To)? Hours() => Parse<(TimeOnly, TimeOnly)>(
        text => text.Split('-') is [var from, var to] && ToTimeOfDay(from) is { } start && ToTimeOfDay(to) is { } end && start != end ? (start, end) : null,
        "hours such as 22:00-06:00");

    private T? Parse<T>(Func<string, T?> parse, string expected)
        where T : struct
    {
        if (Text() is not { } text)
        {
            return null;
        }

        var value = parse(text);
        if (value is null)
        {
            Wrong($"'{text}' must be {expected}");
        }

        return value;
    }

    private static TimeSpan? ToDuration(string text)
    {
        if (!int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        TimeSpan? value = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            _ => null,
        };
        return value <= TimeSpan.FromDays(30) ? value : null;
    }

    private static TimeOnly? ToTimeOfDay(string text) =>
        TimeOnly.TryParseExact(text.Trim(), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    private string Join(string key) => path.Length == 0 ? key : $"{path}.{key}";
}
