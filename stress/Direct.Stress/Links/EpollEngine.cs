using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Direct.Edge.Transport.Loop;

namespace Direct.Stress.Links;

/// <summary>
/// Serves links over plain TCP on Linux with one epoll, one thread and one receive buffer. Descriptors are watched edge-triggered for all events from
/// the start, so that a link needs one epoll_ctl.
/// </summary>
internal sealed unsafe class EpollEngine : Engine
{
    private const int ReceiveBytes = 256 * 1024;

    // Messages that are due are sent between two passes; few events a pass, so that they do not wait for a thousand receives.
    private const int EventsPerPass = 128;
    private const ulong TimerToken = ulong.MaxValue;

    private readonly int _epoll;
    private readonly EpollEvents _events = new(EventsPerPass);
    private readonly WakeTimer _timer;
    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(ReceiveBytes);

    // The slot in the list, and above it the number of the link in that slot: an event of a link that has ended finds a different number.
    private readonly List<EpollLink?> _links = [];
    private readonly Stack<int> _free = [];
    private readonly Queue<EpollLink> _failed = [];
    private uint _lastNumber;

    public EpollEngine()
    {
        _epoll = Libc.EpollCreate(Libc.CloseOnExec);
        if (_epoll < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        _timer = new WakeTimer(_epoll, TimerToken);
    }

    public override Link Connect(Target target, IPAddress? source, ILinkOwner owner)
    {
        if (!_free.TryPop(out var slot))
        {
            slot = _links.Count;
            _links.Add(null);
        }

        var link = new EpollLink(this, slot, ++_lastNumber, owner);
        _links[slot] = link;
        link.Connect(_epoll, target.Address, source);
        return link;
    }

    public override void RunOnce(long due)
    {
        var count = _events.Wait(_epoll, _failed.Count > 0 ? 0 : TimeoutMs(due));
        for (var i = 0; i < count; i++)
        {
            var (events, token) = _events[i];
            if (token != TimerToken && _links[(int)(uint)token] is { } link && link.Number == (uint)(token >> 32))
            {
                link.OnEvents(events, new Span<byte>(_buffer, ReceiveBytes));
            }
        }

        while (_failed.TryDequeue(out var failed))
        {
            failed.ReportEnd();
        }
    }

    public override void Dispose()
    {
        foreach (var link in _links.ToArray())
        {
            link?.Close();
        }

        _timer.Dispose();
        _events.Dispose();
        NativeMemory.Free(_buffer);
        _ = Libc.Close(_epoll);
    }

    /// <summary>Records a link whose owner is notified of its end after the current events.</summary>
    internal void Failed(EpollLink link) => _failed.Enqueue(link);

    internal void Forget(EpollLink link)
    {
        _links[link.Slot] = null;
        _free.Push(link.Slot);
    }

    private int TimeoutMs(long due)
    {
        var wait = due - Stopwatch.GetTimestamp();
        if (wait <= 0)
        {
            return 0;
        }

        if (wait < MaxWait.Ticks * (1_000_000_000 / TimeSpan.TicksPerSecond))
        {
            _timer.Arm(due);
        }

        return (int)MaxWait.TotalMilliseconds;
    }
}
