using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Records log entries. <see cref="ThrowOnErrors"/> fails the test when it contains an unexpected error.</summary>
internal sealed class RecordingLogger : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, int EventId, string Text)> _entries = new();

    /// <summary>Gets or sets whether the test expects errors.</summary>
    public bool ExpectsErrors { get; set; }

    public IReadOnlyCollection<(LogLevel Level, int EventId, string Text)> Entries => _entries;

    /// <summary>Drops the entries, and the memory that they take.</summary>
    public void Forget() => _entries.Clear();

    public ILogger<T> For<T>() => new Logger<T>(this);

    public void ThrowOnErrors() =>
        LogLines.AssertNone(_entries.Where(entry => entry.Level >= LogLevel.Error && !ExpectsErrors).Select(static entry => entry.Text), static _ => true);

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, eventId.Id, $"{formatter(state, exception)} {exception}"));

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
