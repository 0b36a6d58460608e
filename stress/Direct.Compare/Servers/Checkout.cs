namespace Direct.Compare.Servers;

/// <summary>Represents the source tree that is measured.</summary>
internal sealed record Checkout(string Root)
{
    private const string GatewayVariable = "DIRECT_COMPARE_GATEWAY";

    /// <summary>
    /// Gets the program that <c>stress/compare</c> has published, as <c>./run</c> starts it. Without that script it is the one that was built
    /// together with this program.
    /// </summary>
    public string GatewayAssembly =>
        Environment.GetEnvironmentVariable(GatewayVariable) ?? Assembly("Direct.Gateway", "Direct.Gateway");

    public string StressAssembly => Assembly("stress/Direct.Stress", "Direct.Stress");

    public string FloorSource => Path.Combine(Root, "stress", "floor", "floor.c");

    /// <summary>Gets the peer's script and packages.</summary>
    public string Peer => Path.Combine(Root, "stress", "peer");

    public string LocalCluster => Path.Combine(Root, "deploy", "local");

    /// <summary>Gets the folder for temporary files.</summary>
    public string Artifacts => Path.Combine(Root, "artifacts", "compare");

    public string Results => Path.Combine(Root, "stress", "results");

    /// <summary>Finds the tree in which this program was built.</summary>
    public static Checkout Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Direct.sln")))
            {
                return new Checkout(folder.FullName);
            }
        }

        throw new CompareException($"{AppContext.BaseDirectory} is not inside a checkout of Direct; use stress/compare");
    }

    // In the folder of this program: …/bin/Release/net10.0/. The program that was built together with this one is measured.
    private string Assembly(string project, string name)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(Root, project, "bin", own.Parent!.Name, own.Name, name + ".dll");
    }
}
