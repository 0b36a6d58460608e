using System.Diagnostics;
using System.Net;
using Direct.Stress.Options;

namespace Direct.Stress.Links;

/// <summary>Serves all links of a process on one thread, the one that calls <see cref="RunOnce"/>.</summary>
internal abstract class Engine : IDisposable
{
    /// <summary>Specifies the longest wait of one call, so that the caller can check the clock and its orders.</summary>
    protected static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(20);

    /// <summary>Creates the fast engine if it is supported: for plain TCP on Linux.</summary>
    public static Engine Create(StressOptions options, bool isPlain) =>
        OperatingSystem.IsLinux() && isPlain && !options.Portable ? new EpollEngine() : new StreamEngine(options.Insecure);

    /// <summary>Begins to connect.</summary>
    /// <param name="source">The source address; null for the system's choice.</param>
    public abstract Link Connect(Target target, IPAddress? source, ILinkOwner owner);

    /// <summary>Handles events that have occurred, or waits for them until <paramref name="due"/>, and no longer than 20 ms.</summary>
    /// <param name="due">The time in ticks of <see cref="Stopwatch"/>.</param>
    public abstract void RunOnce(long due);

    public abstract void Dispose();
}
