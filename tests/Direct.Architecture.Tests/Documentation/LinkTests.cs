using Direct.Testing.Processes;

namespace Direct.Architecture.Tests.Documentation;

/// <summary>Tests that every link between pages has a target, and that every page of docs/ is reachable from its index.</summary>
public sealed class LinkTests
{
    public static TheoryData<string> Pages => [.. Page.All()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_Links_LeadToFilesAndHeadingsThatExist(string path)
    {
        var broken =
            from link in Page.Read(path).Links
            let isPage = link.Target.EndsWith(".md", StringComparison.Ordinal) && File.Exists(Path.Combine(Repository.Root, link.Target))
            where isPage ? link.Anchor.Length > 0 && !Page.Read(link.Target).Anchors.Contains(link.Anchor) : !Path.Exists(Path.Combine(Repository.Root, link.Target))
            select $"{link.Target}#{link.Anchor}";

        Assert.Empty(broken);
    }

    [Fact]
    public void Index_EveryPageOfTheDocumentation_IsLinked()
    {
        var linked = Page.Read("docs/README.md").Links.Select(link => link.Target).ToHashSet();

        Assert.Empty(Page.All().Where(path => path.StartsWith("docs/", StringComparison.Ordinal) && path != "docs/README.md").Except(linked));
    }
}
