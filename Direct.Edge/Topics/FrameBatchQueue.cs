using Direct.Edge.Protocol;
using Direct.Memory;

namespace Direct.Edge.Topics;

/// <summary>
/// Holds the messages that wait in a topic, in batches of at most <see cref="FrameBatch.MaxBytes"/>. The gate of the <see cref="TopicLog"/> guards
/// it. It is a struct because every topic has one: keep it in a field.
/// </summary>
internal struct FrameBatchQueue
{
    private FrameBatch? _oldest;
    private FrameBatch? _newest;
    private int _bytes;

    /// <summary>Gets the bytes of the frames that wait. It may be read without the gate, to decide whether taking the gate is worthwhile.</summary>
    public int Bytes => Volatile.Read(ref _bytes);

    /// <summary>Adds a message.</summary>
    /// <param name="header">What comes before the payload in the frame; may be empty.</param>
    /// <param name="payload">The text of the message.</param>
    /// <param name="recipients">The number of members that it is for.</param>
    /// <param name="account">The account that counts the buffers.</param>
    public void Add(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, int recipients, QueueAccount? account)
    {
        var frameBytes = FrameWriter.FrameBytes(header.Length + payload.Length);
        var batch = BatchWithRoom(frameBytes);
        FrameWriter.Write(batch.Extend(frameBytes, account), Opcode.Text, header, payload);
        batch.Deliveries += recipients;
        _bytes += frameBytes;
    }

    /// <summary>Adds a change of membership.</summary>
    public void Add(Membership member, bool isJoin) => BatchWithRoom(0).AddChange(member, isJoin);

    /// <summary>Removes and returns the oldest batch; null if there is none.</summary>
    public FrameBatch? Take()
    {
        var batch = _oldest;
        if (batch is not null)
        {
            _oldest = batch.Next;
            _newest = _oldest is null ? null : _newest;
            _bytes -= batch.Length;
        }

        return batch;
    }

    private FrameBatch BatchWithRoom(int bytes)
    {
        if (_newest is null)
        {
            _oldest = _newest = new FrameBatch();
        }
        else if (_newest.Length > 0 && _newest.Length + bytes > FrameBatch.MaxBytes)
        {
            _newest = _newest.Next = new FrameBatch();
        }

        return _newest;
    }
}
