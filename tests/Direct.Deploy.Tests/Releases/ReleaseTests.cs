using System.Xml.Linq;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Releases;

/// <summary>Tests deploy/releases, which lists the commit of each version, and CHANGELOG.md, which lists its changes.</summary>
public sealed class ReleaseTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    [Fact]
    public void Releases_OfThisCheckout_RiseUpToItsVersion()
    {
        Version[] versions = [.. Release.ReadAll().Select(release => release.Version)];

        Assert.Equal(versions.Distinct().Order(), versions);
        Assert.All(versions, version => Assert.True(version <= Version.Parse(BuildVersion.Read()), $"{version} is released, and this is {BuildVersion.Read()}"));
    }

    [Fact]
    public async Task Releases_OfThisCheckout_AreCommitsOfTheirVersionBeforeHead()
    {
        var releases = Release.ReadAll();
        Assert.SkipWhen(releases.Count == 0, "no release is recorded in deploy/releases yet");
        foreach (var release in releases)
        {
            var (commit, whyMissing) = await GitHistory.FindAsync(release.Commit);
            Assert.SkipWhen(commit is null, whyMissing);

            Assert.True(await GitHistory.IsAncestorOfHeadAsync(release.Commit), $"{release.Version}: {release.Commit} is not in the history of HEAD");
            var properties = XDocument.Parse(await GitHistory.ShowAsync(release.Commit, "Directory.Build.props"));
            Assert.Equal(release.Version.ToString(), properties.Descendants("Version").Single().Value);
        }
    }

    [Fact]
    public void Changelog_ThisVersionAndEveryReleasedOne_HaveAChapter()
    {
        var chapters = File.ReadAllLines(Path.Combine(Repository.Root, "CHANGELOG.md")).Where(line => line.StartsWith("## [", StringComparison.Ordinal)).ToList();

        string[] versions = [BuildVersion.Read(), .. Release.ReadAll().Select(release => release.Version.ToString())];

        Assert.All(versions, version => Assert.Single(chapters.Distinct(), chapter => chapter.StartsWith($"## [{version}]", StringComparison.Ordinal)));
    }
}
