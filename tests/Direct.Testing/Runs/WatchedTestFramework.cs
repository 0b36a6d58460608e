using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Direct.Testing.Runs;

/// <summary>
/// Runs the tests of a project, and ends tests that hang and processes that tests leave behind. <c>tests/Directory.Build.props</c> makes it the
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
            // Runs on another thread, because a test may never return this one. After a hang the run is abandoned, and ends with the process.
            var run = Task.Run(() => base.RunTestCases(testCases, watch, executionOptions, cancellationToken).AsTask(), CancellationToken.None);
            await await Task.WhenAny(run, watch.Hang);
        }
    }
}
