using Direct.Testing;

namespace Direct.Clients.Tests.Readme;

/// <summary>Provides the unchanged examples of README.md.</summary>
internal static class ReadmeBlocks
{
    /// <summary>Returns the first block of JavaScript.</summary>
    public static string Browser() => Documents.Block("README.md", "js");

    /// <summary>Returns the first block of shell that calls curl.</summary>
    public static string Curl() => Documents.Block("README.md", "sh", "curl");
}
