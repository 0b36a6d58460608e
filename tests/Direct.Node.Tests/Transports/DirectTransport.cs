namespace Direct.Node.Tests.Transports;

/// <summary>Provides the transport that is made of Linux's own system calls.</summary>
internal static class DirectTransport
{
    /// <summary>Skips the test where there is none.</summary>
    public static void SkipElsewhere() =>
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the direct transport is made of Linux's own system calls");

    /// <summary>Returns the argument for a transport; the direct one is skipped where there is none.</summary>
    public static string Argument(string transport)
    {
        if (transport == "direct")
        {
            SkipElsewhere();
        }

        return $"transport={transport}";
    }

    /// <summary>Gets the argument for nodes that tests share, some of which are to skip where there is none.</summary>
    public static string ArgumentIfThere => OperatingSystem.IsLinux() ? "transport=direct" : "transport=auto";
}
