using Direct.Clients.Tests.Processes;
using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.JavaScript;

/// <summary>Runs the scenarios in this folder with node: the built client, npm's <c>ws</c>, and a real gateway.</summary>
internal static class ClientScript
{
    private static readonly string Project = Path.Combine(Repository.Root, "tests", "Direct.Clients.Tests");

    public static Command Start(string name, NodeProcess node)
    {
        var program = ClientFolder.RequireBuilt();
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Project, "node_modules", "ws")),
            "npm's ws is missing; install it: npm ci in tests/Direct.Clients.Tests");

        var http = node.BaseUri.ToString().TrimEnd('/');
        return Command.Start(program, ["--enable-source-maps", Path.Combine(Project, "JavaScript", name), node.WebSocketUrl, http]);
    }
}
