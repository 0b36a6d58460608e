namespace Direct.Edge.Tests.Transport.Loop;

/// <summary>Skips tests of Linux structures and system calls on other systems.</summary>
internal static class LinuxOnly
{
    public static void SkipElsewhere() => Assert.SkipUnless(OperatingSystem.IsLinux(), "the loops are made of Linux's own system calls");
}
