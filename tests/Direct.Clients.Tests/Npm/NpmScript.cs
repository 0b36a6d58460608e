using Direct.Clients.Tests.Processes;
using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.Npm;

/// <summary>Runs the scripts in this folder with node.</summary>
internal static class NpmScript
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Direct.Clients.Tests");

    /// <summary>Starts a script with the addresses of the node's WebSocket and its HTTP endpoint.</summary>
    public static Command Start(string name, NodeProcess node)
    {
        var program = RequireNode();
        var http = node.BaseUri.ToString().TrimEnd('/');
        return Command.Start(program, [Path.Combine(Folder, "Npm", name), node.WebSocketUrl, http]);
    }

    /// <summary>Returns the path of node, or skips the test if node or npm's <c>ws</c> is missing.</summary>
    public static string RequireNode()
    {
        var program = InstalledProgram.Find("node");
        Assert.SkipWhen(program is null, "node is missing; install it: apt-get install nodejs npm");
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Folder, "node_modules", "ws")),
            "npm's ws is missing; install it: npm ci in tests/Direct.Clients.Tests");
        return program!;
    }

    /// <summary>Runs a script and asserts that it succeeds.</summary>
    public static async Task RunAsync(string name, NodeProcess node)
    {
        await using var script = Start(name, node);
        await script.EndsWellAsync(TimeSpan.FromSeconds(60));
    }
}
