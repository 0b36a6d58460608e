using System.Diagnostics;
using System.Globalization;
using Xunit.Sdk;
using Xunit.v3;

namespace Direct.Testing.Runs;

/// <summary>
/// Receives every message of a run before the reports do. A test that takes longer than <see cref="Limit"/> ends the run: it is reported as failed,
/// all processes that the run has started are killed, and unfinished tests are not counted. The same happens when a fixture hangs: nothing is
/// reported to <see cref="RunProgress"/> for that long. A run that ends by itself but leaves processes behind is reported as an error.
/// </summary>
internal sealed class RunWatch : IMessageSink, IDisposable
{
    private const string LimitVariable = "DIRECT_TEST_LIMIT";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LeaveGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReportGrace = TimeSpan.FromMinutes(1);

    private readonly IMessageSink _inner;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _hang = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private readonly Dictionary<string, (ITestStarting Test, Stopwatch Time)> _tests = [];
    private readonly Dictionary<string, string> _groups = [];
    private ITestAssemblyStarting? _assembly;
    private bool _hasEnded;
    private volatile bool _isOver;
    private int _total;
    private int _failed;
    private int _skipped;
    private int _notRun;

    public RunWatch(IMessageSink inner)
    {
        _inner = inner;
        RunProgress.Report();
        // Uses a separate thread, because tests that spin may occupy all threads of the pool.
        new Thread(Watch) { IsBackground = true, Name = "run watch" }.Start();
    }

    /// <summary>Gets the time limit of a test: five minutes, or <c>DIRECT_TEST_LIMIT</c> as hours:minutes:seconds.</summary>
    public static TimeSpan Limit { get; } =
        Environment.GetEnvironmentVariable(LimitVariable) is { } given ? TimeSpan.Parse(given, CultureInfo.InvariantCulture) : TimeSpan.FromMinutes(5);

    /// <summary>Gets a task that completes when a hang has ended the run and has been reported.</summary>
    public Task Hang => _hang.Task;

    public bool OnMessage(IMessageSinkMessage message)
    {
        lock (_lock)
        {
            if (_hasEnded)
            {
                return false;
            }

            RunProgress.Report();
            Note(message);
            if (message is ITestAssemblyFinished)
            {
                _hasEnded = true;
                ReportLeftovers();
            }

            return _inner.OnMessage(message);
        }
    }

    public void Dispose() => _isOver = true;

    private void Note(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestAssemblyStarting assembly:
                _assembly = assembly;
                break;
            case ITestCollectionStarting collection:
                _groups[collection.TestCollectionUniqueID] = collection.TestCollectionDisplayName;
                break;
            case ITestCollectionFinished collection:
                _groups.Remove(collection.TestCollectionUniqueID);
                break;
            case ITestClassStarting { TestClassUniqueID: { } id } type:
                _groups[id] = type.TestClassName;
                break;
            case ITestClassFinished { TestClassUniqueID: { } id }:
                _groups.Remove(id);
                break;
            case ITestStarting test:
                _tests[test.TestUniqueID] = (test, Stopwatch.StartNew());
                break;
            case ITestFinished test:
                _tests.Remove(test.TestUniqueID);
                break;
            case ITestResultMessage result:
                _total++;
                _failed += result is ITestFailed ? 1 : 0;
                _skipped += result is ITestSkipped ? 1 : 0;
                _notRun += result is ITestNotRun ? 1 : 0;
                break;
        }
    }

    private void Watch()
    {
        while (!_isOver)
        {
            Thread.Sleep(Pause);
            if (TryEnd())
            {
                // Leaves time to write the reports, and then kills the process even when a test still runs.
                Thread.Sleep(ReportGrace);
                Process.GetCurrentProcess().Kill();
            }
        }
    }

    private bool TryEnd()
    {
        lock (_lock)
        {
            var hanging = _tests.Values.Where(test => test.Time.Elapsed > Limit).Select(test => test.Test).ToArray();
            var isStuck = hanging.Length > 0 || (_tests.Count == 0 && RunProgress.SinceReport > Limit);
            if (!isStuck || _hasEnded || Debugger.IsAttached)
            {
                return false;
            }

            _hasEnded = true;
            End(hanging);
            return true;
        }
    }

    private void End(ITestStarting[] hanging)
    {
        // Writes the names at once, in case the reports are never written.
        var groups = string.Join(", ", _groups.Values);
        Array.ForEach(hanging, test => Console.Error.WriteLine($"{test.TestDisplayName} hangs"));
        var killed = ChildProcesses.Kill();
        var consequence = $"The run was ended; tests that had not ended are not counted. Killed: {Join(killed)}";
        foreach (var test in hanging)
        {
            Fail(test, $"took longer than {Limit}. {consequence}");
        }

        if (hanging.Length == 0)
        {
            ReportError($"for {Limit} no test began or ended, a fixture hangs. Under way: {(groups.Length > 0 ? groups : "the whole assembly")}. {consequence}");
        }

        _inner.OnMessage(new TestAssemblyFinished
        {
            AssemblyUniqueID = _assembly?.AssemblyUniqueID ?? "",
            ExecutionTime = (decimal)_sinceStart.Elapsed.TotalSeconds,
            FinishTime = DateTimeOffset.UtcNow,
            TestsFailed = _failed,
            TestsNotRun = _notRun,
            TestsSkipped = _skipped,
            TestsTotal = _total,
        });
        _hang.SetResult();
    }

    private void Fail(ITestStarting test, string message)
    {
        _total++;
        _failed++;
        _inner.OnMessage(new TestFailed
        {
            AssemblyUniqueID = test.AssemblyUniqueID,
            Cause = FailureCause.Exception,
            ExceptionParentIndices = [-1],
            ExceptionTypes = [typeof(TimeoutException).FullName],
            ExecutionTime = (decimal)Limit.TotalSeconds,
            FinishTime = DateTimeOffset.UtcNow,
            Messages = [message],
            Output = "",
            StackTraces = [null],
            TestCaseUniqueID = test.TestCaseUniqueID,
            TestClassUniqueID = test.TestClassUniqueID,
            TestCollectionUniqueID = test.TestCollectionUniqueID,
            TestMethodUniqueID = test.TestMethodUniqueID,
            TestUniqueID = test.TestUniqueID,
            Warnings = null,
        });
        _inner.OnMessage(new TestFinished
        {
            AssemblyUniqueID = test.AssemblyUniqueID,
            Attachments = new Dictionary<string, TestAttachment>(),
            ExecutionTime = (decimal)Limit.TotalSeconds,
            FinishTime = DateTimeOffset.UtcNow,
            Output = "",
            TestCaseUniqueID = test.TestCaseUniqueID,
            TestClassUniqueID = test.TestClassUniqueID,
            TestCollectionUniqueID = test.TestCollectionUniqueID,
            TestMethodUniqueID = test.TestMethodUniqueID,
            TestUniqueID = test.TestUniqueID,
            Warnings = null,
        });
    }

    // A process that was killed a moment ago may still be ending.
    private void ReportLeftovers()
    {
        var waited = Stopwatch.StartNew();
        while (ChildProcesses.List().Count > 0 && waited.Elapsed < LeaveGrace)
        {
            Thread.Sleep(Pause);
        }

        var killed = ChildProcesses.Kill();
        if (killed.Count > 0)
        {
            ReportError($"the tests left these processes behind, which were killed: {Join(killed)}");
        }
    }

    private void ReportError(string message) => _inner.OnMessage(new ErrorMessage
    {
        ExceptionParentIndices = [-1],
        ExceptionTypes = [typeof(InvalidOperationException).FullName],
        Messages = [$"{_assembly?.AssemblyName}: {message}"],
        StackTraces = [null],
    });

    private static string Join(IReadOnlyList<string> killed) => killed.Count == 0 ? "nothing" : string.Join("; ", killed);
}
