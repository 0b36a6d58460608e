using Direct.Testing.Processes;

namespace Direct.Silo.Tests.Silos;

/// <summary>Starts the real gateway as a separate process.</summary>
internal static class TestGateway
{
    public static NodeProcess Launch(params string[] arguments) =>
        NodeProcess.Launch(new NodeOptions { AssemblyName = "Direct.Gateway", Arguments = arguments });
}
