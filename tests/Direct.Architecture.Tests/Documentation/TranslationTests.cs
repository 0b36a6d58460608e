using System.Text.RegularExpressions;

namespace Direct.Architecture.Tests.Documentation;

/// <summary>Tests that README.tr.md matches README.md: it has as many headings, the same commands and programs, and the same links.</summary>
public sealed partial class TranslationTests
{
    private static readonly Page Original = Page.Read("README.md");
    private static readonly Page Translation = Page.Read("README.tr.md");

    [Fact]
    public void Headings_OfTheTranslation_HaveTheSameLevelsInTheSameOrder()
    {
        Assert.Equal(Original.Levels, Translation.Levels);
    }

    [Fact]
    public void Code_OfTheTranslation_IsTheSameButForItsComments()
    {
        Assert.Equal(Original.Code.Select(WithoutComments), Translation.Code.Select(WithoutComments));
    }

    [Fact]
    public void Links_OfTheTranslation_LeadToTheSamePages()
    {
        Assert.Equal(Pages(Original), Pages(Translation));
    }

    // Each README begins with a link to the other, which is left out.
    private static IEnumerable<string> Pages(Page page) =>
        page.Links.Where(link => !link.Target.StartsWith("README", StringComparison.Ordinal)).Select(link => $"{link.Target}#{link.Anchor}");

    private static string WithoutComments(string code) => Comment().Replace(code, "");

    [GeneratedRegex("[ ]+(//|#) .*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
