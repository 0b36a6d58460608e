using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Direct.Telemetry.Logging;

/// <summary>Provides the console logger of .NET, with its formatters and settings, in front of a <see cref="LogQueue"/>.</summary>
/// <remarks>
/// .NET's own queue makes callers wait when it is full, or drops messages without a count that could be measured. Messages after its disposal are
/// written on the caller's thread.
/// </remarks>
[ProviderAlias("Console")]
internal sealed class QueuedConsoleProvider : ILoggerProvider, ISupportExternalScope
{
    private const int MaxWaitingChars = 1024 * 1024;

    private static readonly TimeSpan DrainFor = TimeSpan.FromSeconds(2);

    private readonly LogQueue _output = new(Console.Out, MaxWaitingChars);
    private readonly LogQueue _errors = new(Console.Error, MaxWaitingChars);
    private readonly ConsoleFormatter _formatter;
    private readonly LogLevel _errorThreshold;
    private IExternalScopeProvider? _scopes;

    public QueuedConsoleProvider(IEnumerable<ConsoleFormatter> formatters, IOptions<ConsoleLoggerOptions> options)
    {
        var byName = formatters.ToDictionary(formatter => formatter.Name, StringComparer.OrdinalIgnoreCase);
        _formatter = byName.GetValueOrDefault(options.Value.FormatterName ?? "") ?? byName[ConsoleFormatterNames.Simple];
        _errorThreshold = options.Value.LogToStandardErrorThreshold;
    }

    /// <summary>Gets the number of messages dropped since the start.</summary>
    public long Dropped => _output.Dropped + _errors.Dropped;

    /// <summary>Sets the action that is called with the number of dropped messages, when others can be written again.</summary>
    public void OnGapEnded(Action<long> report) => _output.GapEnded = _errors.GapEnded = report;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        _output.Drain(DrainFor);
        _errors.Drain(DrainFor);
    }

    private sealed class Logger(QueuedConsoleProvider provider, string category) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => provider._scopes?.Push(state);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            using var text = new StringWriter();
            provider._formatter.Write(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter), provider._scopes, text);
            (logLevel >= provider._errorThreshold ? provider._errors : provider._output).Add(text.ToString());
        }
    }
}
