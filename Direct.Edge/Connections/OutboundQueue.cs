using Direct.Edge.Protocol;
using Direct.Memory;

namespace Direct.Edge.Connections;

/// <summary>
/// Holds the frames that wait for a connection's socket, first in, first out. It holds no buffer while it is empty. The first frame may have been
/// sent in part. Not thread-safe: the gate of <see cref="OutboundChannel"/> guards it; only <see cref="Capacity"/> may be read without it.
/// </summary>
/// <param name="account">The account that counts the whole buffer, because that is the memory in use.</param>
internal struct OutboundQueue(QueueAccount? account)
{
    private const int SmallestBufferBytes = 1024;
    private const int MaxSendBytes = 64 * 1024;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private int _begun; // the rest of a frame that has been sent in part
    private bool _isHeld;

    /// <summary>Gets the memory that the queue uses.</summary>
    public readonly int Capacity => Volatile.Read(in _buffer)?.Length ?? 0;

    public readonly int Length => _end - _start;

    public readonly bool IsEmpty => _end == _start;

    public readonly ReadOnlySpan<byte> Waiting => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Sends frames, and queues those for which the transport has no room.</summary>
    public void Send(ReadOnlySpan<byte> frames, ITransportConnection transport)
    {
        var taken = IsEmpty && !_isHeld ? transport.TrySend(frames) : 0;
        if (taken < frames.Length)
        {
            Append(frames, taken);
        }
    }

    /// <summary>Gets whether the queue waits for <see cref="Unhold"/>, and not for the client.</summary>
    public readonly bool IsHeld => _isHeld;

    /// <summary>Holds everything in the queue until <see cref="Unhold"/>.</summary>
    public void Hold() => _isHeld = true;

    /// <summary>Lets the queue be sent again.</summary>
    public void Unhold() => _isHeld = false;

    /// <summary>Sends the queue, unless it is held. Returns whether it is empty afterwards.</summary>
    public bool TryFlush(ITransportConnection transport)
    {
        if (_isHeld)
        {
            return false;
        }

        while (!IsEmpty)
        {
            var slice = Waiting[..Math.Min(Length, MaxSendBytes)];
            var taken = transport.TrySend(slice);
            Advance(taken);
            if (taken < slice.Length)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Appends frames, without the first <paramref name="taken"/> bytes, which have been sent already.</summary>
    public void Append(ReadOnlySpan<byte> frames, int taken = 0)
    {
        if (taken > 0)
        {
            _begun = FrameWriter.RestOfFrame(frames, taken);
        }

        var bytes = frames[taken..];
        if (_buffer is null || _buffer.Length - _end < bytes.Length)
        {
            MakeRoom(bytes.Length);
        }

        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Removes the first <paramref name="count"/> bytes, and releases the buffer if none remain.</summary>
    public void Advance(int count)
    {
        if (count == Length)
        {
            Clear();
            return;
        }

        _begun = count <= _begun ? _begun - count : FrameWriter.RestOfFrame(Waiting[_begun..], count - _begun);
        _start += count;
    }

    /// <summary>Removes everything except the rest of a frame that has been sent in part, and shrinks the buffer to that size.</summary>
    public void Cut()
    {
        var rest = Waiting[.._begun].ToArray();
        Clear();
        if (rest.Length > 0)
        {
            Append(rest);
            _begun = rest.Length;
        }
    }

    public void Clear()
    {
        if (_buffer is not null)
        {
            account?.Add(-_buffer.Length);
            QueueBuffers.Return(_buffer);
            _buffer = null;
        }

        _start = _end = _begun = 0;
    }

    private void MakeRoom(int count)
    {
        var length = Length;
        if (_buffer is not null && _buffer.Length - length >= count && _start >= _buffer.Length / 2)
        {
            _buffer.AsSpan(_start, length).CopyTo(_buffer);
        }
        else
        {
            var larger = QueueBuffers.Rent(Math.Max(SmallestBufferBytes, Math.Max(length * 2, length + count)));
            if (_buffer is not null)
            {
                _buffer.AsSpan(_start, length).CopyTo(larger);
                QueueBuffers.Return(_buffer);
            }

            account?.Add(larger.Length - Capacity);
            _buffer = larger;
        }

        _start = 0;
        _end = length;
    }
}
