using Direct.Testing;
using Direct.Testing.Databases;

namespace Direct.Crash.Tests.Clusters;

/// <summary>Represents the programs of the newest release, built before the tests of a class begin: a build takes minutes on a busy machine, which a test would count as its own.</summary>
public sealed class ReleasedPrograms : IAsyncLifetime
{
    private ProgramBuild? _build;
    private string _whyMissing = "";

    /// <summary>Gets the commit of the release.</summary>
    public string Commit { get; private set; } = "";

    /// <summary>Skips the test where there is no release to build.</summary>
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
            return; // the test says so
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
