using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Direct.Testing.Runs;

/// <summary>
/// Runs the tests of a project so that none hangs and none leaves a process behind; <c>tests/Directory.Build.props</c> makes it the
/// framework of every test project. See <see cref="RunWatch"/> and <see cref="ChildProcesses"/>.
/// </summary>
public sealed class WatchedTestFramework : XunitTestFramework
{
    public WatchedTestFramework() => ChildProcesses.Supervise();

    protected override ITestFrameworkExecutor CreateExecutor(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return new Executor(new XunitTestAssembly(assembly, configFileName: null, assembly.GetName().Version));
    }

    private sealed class Executor(IXunitTestAssembly assembly) : XunitTestFrameworkExecutor(assembly)
    {
        public override async ValueTask RunTestCases(
            IReadOnlyCollection<IXunitTestCase> testCases,
            IMessageSink executionMessageSink,
            ITestFrameworkExecutionOptions executionOptions,
            CancellationToken cancellationToken)
        {
            using var watch = new RunWatch(executionMessageSink);
            // On another thread: a test may never give this one back. After a hang the run is left as it is, and ends with the process.
            var run = Task.Run(() => base.RunTestCases(testCases, watch, executionOptions, cancellationToken).AsTask(), CancellationToken.None);
            await await Task.WhenAny(run, watch.Hang);
        }
    }
}
