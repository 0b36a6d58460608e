using System.Text.RegularExpressions;
using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.Readme;

/// <summary>The examples of README.md, as they stand there.</summary>
internal static partial class ReadmeBlocks
{
    /// <summary>The first block of JavaScript.</summary>
    public static string Browser() => First("js", "");

    /// <summary>The first block of shell that calls curl.</summary>
    public static string Curl() => First("sh", "curl");

    private static string First(string language, string text)
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var block = Fence().Matches(readme).FirstOrDefault(
            match => match.Groups["language"].Value == language && match.Groups["code"].Value.Contains(text, StringComparison.Ordinal));

        Assert.True(block is not null, $"README.md has no ```{language} block with \"{text}\"");
        return block.Groups["code"].Value;
    }

    [GeneratedRegex("^```(?<language>\\w*)\\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
