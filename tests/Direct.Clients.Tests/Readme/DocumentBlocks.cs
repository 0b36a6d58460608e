using System.Text.RegularExpressions;
using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.Readme;

/// <summary>Provides the unchanged code blocks of a document.</summary>
internal static partial class DocumentBlocks
{
    /// <summary>Returns the first block of a language that contains <paramref name="text"/>; <paramref name="path"/> is from the root of the checkout.</summary>
    public static string First(string path, string language, string text = "")
    {
        var block = Fence().Matches(File.ReadAllText(Path.Combine(Repository.Root, path))).FirstOrDefault(
            match => match.Groups["language"].Value == language && match.Groups["code"].Value.Contains(text, StringComparison.Ordinal));

        Assert.True(block is not null, $"{path} has no ```{language} block with \"{text}\"");
        return block.Groups["code"].Value;
    }

    [GeneratedRegex("^```(?<language>\\w*)\\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
