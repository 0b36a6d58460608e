using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.JavaScript;

/// <summary>Provides the built client of <c>clients/js</c>.</summary>
internal static class ClientFolder
{
    public static string Path { get; } = System.IO.Path.Combine(Repository.Root, "clients", "js");

    /// <summary>Gets the ES module that browsers load.</summary>
    public static string Module => System.IO.Path.Combine(Path, "dist", "client.js");

    /// <summary>Skips the test unless the client is built. Returns the path of node.</summary>
    public static string RequireBuilt()
    {
        var program = InstalledProgram.Find("node");
        Assert.SkipWhen(program is null, "node is missing; install it: apt-get install nodejs npm");
        Assert.SkipUnless(File.Exists(Module), "the client is not built; build it: npm ci && npm run build in clients/js");
        return program!;
    }
}
