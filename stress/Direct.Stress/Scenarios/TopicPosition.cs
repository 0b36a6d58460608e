using System.Text;
using Direct.Stress.Protocol;

namespace Direct.Stress.Scenarios;

/// <summary>Holds the last position that a client was told of a topic.</summary>
internal sealed class TopicPosition(Topic topic)
{
    private const int MaxBytes = 40;

    private readonly byte[] _position = new byte[MaxBytes];
    private int _length;

    public Topic Topic => topic;

    /// <summary>Gets the topic as the gateway writes it.</summary>
    public byte[] Name { get; } = Encoding.ASCII.GetBytes(topic.ToString());

    /// <summary>Gets or sets whether the <c>at</c> of the topic has come on the present connection. Messages before it are replayed.</summary>
    public bool IsLive { get; set; }

    /// <summary>Gets the position; empty if none was told.</summary>
    public ReadOnlySpan<byte> Position => _position.AsSpan(0, _length);

    /// <summary>Records a position. Returns false if it is not one.</summary>
    public bool TryMoveTo(ReadOnlySpan<byte> position)
    {
        if (position.IsEmpty || position.Length > MaxBytes)
        {
            return false;
        }

        position.CopyTo(_position);
        _length = position.Length;
        return true;
    }
}
