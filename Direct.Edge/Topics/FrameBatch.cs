using System.Runtime.InteropServices;
using Direct.Memory;

namespace Direct.Edge.Topics;

/// <summary>Holds complete frames that are sent to each member with one call, and the changes of membership between them.</summary>
internal sealed class FrameBatch
{
    /// <summary>Specifies the largest size of a batch, in bytes, unless a single message is longer.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int SmallestBufferBytes = 512;

    private byte[] _buffer = [];
    private List<MembershipChange>? _changes;

    /// <summary>Gets or sets the batch after this one.</summary>
    public FrameBatch? Next { get; set; }

    public int Length { get; private set; }

    /// <summary>Gets or sets the sum of the recipients of all messages.</summary>
    public long Deliveries { get; set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

    public ReadOnlySpan<MembershipChange> Changes => CollectionsMarshal.AsSpan(_changes);

    /// <summary>Returns space for a frame at the end.</summary>
    /// <param name="bytes">The length of the frame.</param>
    /// <param name="account">The account that counts the buffer.</param>
    public Span<byte> Extend(int bytes, QueueAccount? account)
    {
        if (_buffer.Length - Length < bytes)
        {
            var larger = QueueBuffers.Rent(Math.Max(Math.Clamp(Length * 2, SmallestBufferBytes, MaxBytes), Length + bytes));
            Bytes.CopyTo(larger);
            Release(account);
            _buffer = larger;
            Count(account, larger.Length);
        }

        Length += bytes;
        return _buffer.AsSpan(Length - bytes, bytes);
    }

    public void AddChange(Membership member, bool isJoin) => (_changes ??= []).Add(new MembershipChange(member, Length, isJoin));

    /// <summary>Releases the buffer.</summary>
    public void Release(QueueAccount? account)
    {
        if (_buffer.Length > 0)
        {
            Count(account, -_buffer.Length);
            QueueBuffers.Return(_buffer);
            _buffer = [];
        }
    }

    // A buffer of the smallest size is released soon or grows, so a message that does not wait is not counted.
    private static void Count(QueueAccount? account, int bytes)
    {
        if (Math.Abs(bytes) > SmallestBufferBytes)
        {
            account?.Add(bytes);
        }
    }
}
