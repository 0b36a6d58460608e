using System.Diagnostics;
using System.Net;

namespace Direct.Stress.Links;

/// <summary>Links of .NET's own sockets and TLS, on every system. What is awaited comes back to the thread that made the engine.</summary>
internal sealed class StreamEngine : Engine
{
    private readonly LoopContext _context = new();
    private readonly bool _takesAnyCertificate;
    private readonly HashSet<StreamLink> _links = [];

    public StreamEngine(bool takesAnyCertificate)
    {
        _takesAnyCertificate = takesAnyCertificate;
        SynchronizationContext.SetSynchronizationContext(_context);
    }

    public override Link Connect(Target target, IPAddress? source, ILinkOwner owner)
    {
        var link = new StreamLink(target, source, _takesAnyCertificate, owner, link => _links.Remove(link));
        _links.Add(link);
        link.Start();
        return link;
    }

    public override void RunOnce(long due)
    {
        var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);

        // Timers of this kind count whole milliseconds: the last one is spent looking, so that a message leaves when it is due.
        var whole = TimeSpan.FromMilliseconds(Math.Floor(Math.Clamp(wait.TotalMilliseconds, 0, MaxWait.TotalMilliseconds)));
        _context.Run(whole);
    }

    public override void Dispose()
    {
        foreach (var link in _links.ToArray())
        {
            link.Close();
        }

        SynchronizationContext.SetSynchronizationContext(null);
    }
}
