using Direct.Testing.Processes;

namespace Direct.Clients.Tests.Examples;

/// <summary>What one example of docs/examples.md is written in, and what runs it.</summary>
/// <param name="Fence">The word after the three backticks.</param>
/// <param name="FileName">The name the document tells the reader to give it.</param>
/// <param name="Program">What runs it, on the PATH.</param>
/// <param name="Needs">Programs on the PATH without which it cannot run.</param>
/// <param name="Package">The Debian package that has them.</param>
/// <param name="Arguments">What stands before the file's name.</param>
internal sealed record ExampleLanguage(string Fence, string FileName, string Program, string[] Needs, string Package, params string[] Arguments)
{
    /// <summary>Gets whether the first run builds it.</summary>
    public bool IsBuilt => Fence == "csharp";

    public static ExampleLanguage Of(string name) => name switch
    {
        "curl" => new("sh", "example.sh", "/bin/sh", ["curl"], "curl"),
        "PHP" => new("php", "example.php", "php", ["php"], "php-cli"),
        "Node" => new("js", "example.mjs", "node", ["node"], "nodejs"),
        // Without this property dotnet leaves a compiler server running; for PublishAot it restores a package.
        "C#" => new("csharp", "example.cs", Repository.DotnetHost, [], "", "run", "--property:UseSharedCompilation=false;PublishAot=false"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "curl, PHP, Node or C#"),
    };
}
