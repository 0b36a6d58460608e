using Direct.Testing;
using Direct.Testing.Databases;

namespace Direct.Crash.Tests.Clusters;

/// <summary>
/// Provides the programs of the newest release. They are built before the tests of a class begin, because a build may take minutes and would count
/// towards the time limit of a test.
/// </summary>
public sealed class ReleasedPrograms : IAsyncLifetime
{
    private ProgramBuild? _build;
    private string _whyMissing = "";

    /// <summary>Gets the commit of the release.</summary>
    public string Commit { get; private set; } = "";

    /// <summary>Gets the build; skips the test when there is no release to build.</summary>
    internal ProgramBuild Build
    {
        get
        {
            Assert.SkipWhen(_build is null, _whyMissing);
            return _build!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (!SlowTests.AreWanted || MariaDb.WhyMissing is not null)
        {
            return; // the Build property skips the test with the reason
        }

        var (commit, whyMissing) = await ReleasedBuild.FindAsync();
        _whyMissing = whyMissing;
        if (commit is not null)
        {
            Commit = commit;
            _build = await ReleasedBuild.BuildAsync(commit);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
