using System.Runtime.CompilerServices;
using Direct.Testing.Processes;

namespace Direct.Node.Kestrel.Tests;

/// <summary>Makes every node of this project serve its WebSockets through Kestrel, but those that a test gives another transport.</summary>
internal static class OverKestrel
{
    [ModuleInitializer]
    internal static void SetTransport() => NodeProcess.DefaultArguments = ["transport=kestrel"];
}
