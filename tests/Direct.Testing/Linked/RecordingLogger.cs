using Microsoft.Extensions.Logging;

namespace Direct.Testing.Linked;

/// <summary>Records log entries.</summary>
internal sealed class RecordingLogger<T> : ILogger<T>
{
    private readonly Lock _gate = new();
    private readonly List<string> _entries = [];

    public IReadOnlyList<string> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>Gets or sets a callback that runs after each entry. Its exceptions reach the caller that logs.</summary>
    public Action<string>? OnEntry { get; set; }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var entry = $"{logLevel}: {formatter(state, exception)}";
        lock (_gate)
        {
            _entries.Add(entry);
        }

        OnEntry?.Invoke(entry);
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}
