using System.Runtime.InteropServices;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// What is known of a socket's input, of which the kernel tells each news once: whether there may be more to read, and whether the end may
/// be among it. The loop's, as all reading is.
/// </summary>
internal struct InputEdge
{
    /// <summary>Nothing more for now: the kernel will say when there is.</summary>
    public const int None = 0;

    /// <summary>Specifies the client has gone, politely.</summary>
    public const int Ended = -1;

    /// <summary>Specifies the client has gone, or the connection was reset.</summary>
    public const int Failed = -2;

    private bool _mayHaveEnded;

    /// <summary>Gets or sets whether a read may find something.</summary>
    public bool MayHaveMore { get; private set; }

    /// <summary>Before the first read: what came so far nobody was told of.</summary>
    public void Begin() => MayHaveMore = _mayHaveEnded = true;

    /// <summary>Takes what the kernel says, and whether it says anything of the input.</summary>
    public bool Take(uint events)
    {
        var ofInput = events & ~(uint)Libc.EpollOut;
        MayHaveMore |= ofInput != 0;
        _mayHaveEnded |= (ofInput & ~(uint)Libc.EpollIn) != 0;
        return ofInput != 0;
    }

    /// <summary>Reads once: the number of bytes, or <see cref="None"/>, <see cref="Ended"/> or <see cref="Failed"/>.</summary>
    public int Read(int descriptor, Span<byte> buffer)
    {
        var count = Libc.Receive(descriptor, buffer, 0);
        if (count > 0)
        {
            // Less than there was room for: there is no more. Not so when the client has gone, for of that nobody tells again.
            MayHaveMore = count == buffer.Length || _mayHaveEnded;
            return count;
        }

        if (count < 0 && Libc.HasFailedForNow())
        {
            MayHaveMore = Marshal.GetLastPInvokeError() == Libc.Interrupted;
            _mayHaveEnded &= MayHaveMore;
            return None;
        }

        MayHaveMore = false;
        return count == 0 ? Ended : Failed;
    }
}
