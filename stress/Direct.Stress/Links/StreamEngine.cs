using System.Diagnostics;
using System.Net;

namespace Direct.Stress.Links;

/// <summary>Serves links of .NET's own sockets and TLS, on every system. Awaited calls continue on the thread that created the engine.</summary>
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

        // Such timers count whole milliseconds: the last one is spent polling, so that a message is sent when it is due.
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
