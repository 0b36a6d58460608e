using Direct.Testing.Processes;

namespace Direct.Silo.Tests.Silos;

/// <summary>The real gateway, as a process of its own.</summary>
internal static class TestGateway
{
    public static NodeProcess Launch(params string[] arguments) =>
        NodeProcess.Launch(new NodeOptions { AssemblyName = "Direct.Gateway", Arguments = arguments });
}
