namespace Direct.Node.Tests.Transports;

/// <summary>Provides the arguments for the direct transport, which is implemented with Linux system calls.</summary>
internal static class DirectTransport
{
    /// <summary>Skips the test on systems without the direct transport.</summary>
    public static void SkipElsewhere() =>
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the direct transport is made of Linux's own system calls");

    /// <summary>Returns the argument for a transport; skips the test for the direct one on systems without it.</summary>
    public static string Argument(string transport)
    {
        if (transport == "direct")
        {
            SkipElsewhere();
        }

        return $"transport={transport}";
    }

    /// <summary>Gets the argument for shared nodes. Tests that need the direct transport skip themselves on systems without it.</summary>
    public static string ArgumentIfThere => OperatingSystem.IsLinux() ? "transport=direct" : "transport=auto";
}
