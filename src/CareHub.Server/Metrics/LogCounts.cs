using System.Collections.Concurrent;
using System.Globalization;
using CareHub.Core;

namespace CareHub.Server.Metrics;

/// <summary>
/// Counts warnings and errors by the stable ids of their events, so that whatever is worth a line in the log can be alerted on. What
/// others log (ASP.NET Core, Quartz) has ids of its own and counts as <c>other</c>.
/// </summary>
internal sealed class LogCounts : ILoggerProvider
{
    private const string OwnPrefix = "CareHub.";
    private readonly ConcurrentDictionary<(LogLevel Level, int Event), Cell> _cells = new();

    public IEnumerable<(string Level, string Event, long Count)> All =>
        _cells.Select(pair => (LevelOf(pair.Key.Level), pair.Key.Event == 0 ? "other" : pair.Key.Event.ToString(CultureInfo.InvariantCulture), Interlocked.Read(ref pair.Value.Count)));

    public ILogger CreateLogger(string categoryName) => new Counting(this, categoryName.StartsWith(OwnPrefix, StringComparison.Ordinal));

    public void Dispose()
    {
    }

    private static string LevelOf(LogLevel level) => Words<LogLevel>.Of(level);

    private sealed class Cell
    {
        public long Count;
    }

    private sealed class Counting(LogCounts counts, bool isOwn) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Interlocked.Increment(ref counts._cells.GetOrAdd((logLevel, isOwn ? eventId.Id : 0), static _ => new Cell()).Count);
            }
        }
    }
}
