using System.Runtime.CompilerServices;
using Direct.Testing.Processes;

namespace Direct.Node.Kestrel.Tests;

/// <summary>
/// Makes every node of this project serve its WebSockets through Kestrel, except those to which a test gives another transport. The nodes run without
/// a silo, which has no part in transports, and so start and end in a third of the time. The TLS tests cover Kestrel with a silo.
/// </summary>
internal static class OverKestrel
{
    [ModuleInitializer]
    internal static void SetTransport() => NodeProcess.DefaultArguments = ["transport=kestrel", "cluster=none"];
}
