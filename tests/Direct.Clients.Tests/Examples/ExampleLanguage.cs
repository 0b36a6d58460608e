using Direct.Testing.Processes;

namespace Direct.Clients.Tests.Examples;

/// <summary>Specifies the language of one example of docs/examples.md, and how to run it.</summary>
/// <param name="Fence">The language after the three backticks.</param>
/// <param name="FileName">The file name that the document tells the reader to use.</param>
/// <param name="Program">The program on the PATH that runs the example.</param>
/// <param name="Needs">The programs on the PATH that the example needs.</param>
/// <param name="Package">The Debian package of these programs.</param>
/// <param name="Arguments">The arguments before the file name.</param>
internal sealed record ExampleLanguage(string Fence, string FileName, string Program, string[] Needs, string Package, params string[] Arguments)
{
    /// <summary>Gets whether the first run builds the example.</summary>
    public bool IsBuilt => Fence == "csharp";

    public static ExampleLanguage Of(string name) => name switch
    {
        "curl" => new("sh", "example.sh", "/bin/sh", ["curl"], "curl"),
        "PHP" => new("php", "example.php", "php", ["php"], "php-cli"),
        "Node" => new("js", "example.mjs", "node", ["node"], "nodejs"),
        // Without the first property dotnet leaves a compiler server running; with PublishAot it would restore a package.
        "C#" => new("csharp", "example.cs", Repository.DotnetHost, [], "", "run", "--property:UseSharedCompilation=false;PublishAot=false"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "curl, PHP, Node or C#"),
    };
}
