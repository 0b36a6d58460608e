using System.Runtime.CompilerServices;
using Direct.Testing.Processes;

namespace Direct.Node.Kestrel.Tests;

/// <summary>
/// Makes every node of this project serve its WebSockets through Kestrel, but those that a test gives another transport. Without a silo, of which
/// transports know nothing: such nodes start and end in a third of the time. Kestrel with a silo is in the tests of TLS.
/// </summary>
internal static class OverKestrel
{
    [ModuleInitializer]
    internal static void SetTransport() => NodeProcess.DefaultArguments = ["transport=kestrel", "cluster=none"];
}
