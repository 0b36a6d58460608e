using System.Runtime.CompilerServices;
using Direct.Testing.Processes;

namespace Direct.Node.WithoutCluster.Tests;

/// <summary>Starts every node of this project without a silo.</summary>
internal static class WithoutCluster
{
    [ModuleInitializer]
    internal static void SetCluster() => NodeProcess.DefaultArguments = ["cluster=none"];
}
