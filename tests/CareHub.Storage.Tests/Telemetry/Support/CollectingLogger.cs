using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Tests.Telemetry.Support;

internal sealed class CollectingLogger : ILoggerFactory, ILogger
{
    public ConcurrentQueue<(int EventId, string Text)> Lines { get; } = new();

    public int Count(int eventId) => Lines.Count(line => line.EventId == eventId);

    public ILogger CreateLogger(string categoryName) => this;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((eventId.Id, formatter(state, exception)));

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
