using System.Runtime.InteropServices;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Tracks the state of a socket's input, of which the kernel reports each change once: whether there may be more to read, and whether the end may be
/// part of it. Only the loop's thread uses it.
/// </summary>
internal struct InputEdge
{
    /// <summary>Means that there is no more input now; the kernel will report more.</summary>
    public const int None = 0;

    /// <summary>Means that the client has closed its sending side.</summary>
    public const int Ended = -1;

    /// <summary>Means that the client has disconnected or the connection was reset.</summary>
    public const int Failed = -2;

    private bool _mayHaveEnded;

    /// <summary>Gets whether a read may find input.</summary>
    public bool MayHaveMore { get; private set; }

    /// <summary>Assumes input and an end before the first read, because the kernel has not reported what arrived earlier.</summary>
    public void Begin() => MayHaveMore = _mayHaveEnded = true;

    /// <summary>Records events of the kernel. Returns whether they concern the input.</summary>
    public bool Take(uint events)
    {
        var ofInput = events & ~(uint)Libc.EpollOut;
        MayHaveMore |= ofInput != 0;
        _mayHaveEnded |= (ofInput & ~(uint)Libc.EpollIn) != 0;
        return ofInput != 0;
    }

    /// <summary>Reads once. Returns the number of bytes, or <see cref="None"/>, <see cref="Ended"/> or <see cref="Failed"/>.</summary>
    public int Read(int descriptor, Span<byte> buffer)
    {
        var count = Libc.Receive(descriptor, buffer, 0);
        if (count > 0)
        {
            // A read that does not fill the buffer has read everything, unless the client may have disconnected, which is not reported again.
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
