using System.Buffers;

namespace Direct.Edge.Connections;

/// <summary>
/// Bytes that wait for a connection's socket, first in, first out. Holds no buffer while empty.
/// Not thread-safe: the connection's send lock guards it.
/// </summary>
internal struct OutboundQueue
{
    private const int SmallestBufferBytes = 1024;

    private byte[]? _buffer;
    private int _start;
    private int _end;

    public readonly int Length => _end - _start;

    public readonly bool IsEmpty => _end == _start;

    public readonly ReadOnlySpan<byte> Waiting => _buffer.AsSpan(_start, _end - _start);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_buffer is null || _buffer.Length - _end < bytes.Length)
        {
            MakeRoom(bytes.Length);
        }

        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Forgets the first <paramref name="count"/> bytes, and the buffer with the last of them.</summary>
    public void Advance(int count)
    {
        _start += count;
        if (_start == _end)
        {
            Clear();
        }
    }

    public void Clear()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }

        _start = _end = 0;
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
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBufferBytes, Math.Max(length * 2, length + count)));
            if (_buffer is not null)
            {
                _buffer.AsSpan(_start, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        _start = 0;
        _end = length;
    }
}
