using System.Diagnostics;
using System.Net;
using Direct.Stress.Options;

namespace Direct.Stress.Links;

/// <summary>All links of a process and the one thread that serves them: whoever calls <see cref="RunOnce"/>.</summary>
internal abstract class Engine : IDisposable
{
    /// <summary>What a turn waits for at most, so that whoever calls it gets to look at the clock and at its orders.</summary>
    protected static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns the fast one where it can be had: for plain TCP on Linux.</summary>
    public static Engine Create(StressOptions options, bool isPlain) =>
        OperatingSystem.IsLinux() && isPlain && !options.Portable ? new EpollEngine() : new StreamEngine(options.Insecure);

    /// <summary>Begins to connect.</summary>
    /// <param name="source">The address to come from; null is the system's choice.</param>
    public abstract Link Connect(Target target, IPAddress? source, ILinkOwner owner);

    /// <summary>Handles what has happened, or waits for it: until <paramref name="due"/>, and no longer than 20 ms.</summary>
    /// <param name="due">In ticks of <see cref="Stopwatch"/>.</param>
    public abstract void RunOnce(long due);

    public abstract void Dispose();
}
