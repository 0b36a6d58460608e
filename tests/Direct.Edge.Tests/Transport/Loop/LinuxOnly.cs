namespace Direct.Edge.Tests.Transport.Loop;

/// <summary>Tests of the kernel's own structures and calls.</summary>
internal static class LinuxOnly
{
    public static void SkipElsewhere() => Assert.SkipUnless(OperatingSystem.IsLinux(), "the loops are made of Linux's own system calls");
}
