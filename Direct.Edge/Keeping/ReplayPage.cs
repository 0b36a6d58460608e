using Direct.Keeping;
using Direct.Memory;

namespace Direct.Edge.Keeping;

/// <summary>Represents some messages of a log, encoded for a connection. It is disposed after they are sent.</summary>
internal readonly record struct ReplayPage : IDisposable
{
    /// <summary>Gets the rented buffer; null if no message matched.</summary>
    public byte[]? Buffer { get; init; }

    public int Length { get; init; }

    /// <summary>Gets the place of the last message that was read, whether or not it matched.</summary>
    public Stamp Through { get; init; }

    /// <summary>Gets whether that is the end of the log.</summary>
    public bool IsLast { get; init; }

    /// <summary>Gets whether the next message is not kept any more, or the place is not part of the log any more.</summary>
    public bool IsEvicted { get; init; }

    public ReadOnlySpan<byte> Frames => Buffer.AsSpan(0, Length);

    public void Dispose()
    {
        if (Buffer is not null)
        {
            QueueBuffers.Return(Buffer);
        }
    }
}
