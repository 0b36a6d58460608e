using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Direct.Edge.Protocol;
using Direct.Edge.Topics;
using Direct.Keeping;

namespace Direct.Edge.Connections;

/// <summary>Writes what a gateway tells a client of <c>direct.2</c>, besides messages. Each reply is one text frame; docs/protocol2.md has the list.</summary>
internal readonly ref struct Reply
{
    /// <summary>Specifies the longest reply, with the header of its frame.</summary>
    public const int MaxBytes = 320;

    private const int HeaderBytes = 4; // that of a frame of up to 64 KiB; a shorter one begins later

    private readonly Span<byte> _buffer;

    /// <summary>Creates a writer of one reply.</summary>
    /// <param name="buffer">At least <see cref="MaxBytes"/>.</param>
    public Reply(Span<byte> buffer) => _buffer = buffer;

    /// <summary>The token was accepted.</summary>
    public ReadOnlySpan<byte> Welcome(long user, long connection, TimeSpan pingInterval) =>
        Frame(string.Create(CultureInfo.InvariantCulture, $"welcome {user} {connection} {pingInterval.TotalSeconds:0.###}"));

    /// <summary>A room is live.</summary>
    public ReadOnlySpan<byte> Joined(RoomId room, ReadOnlySpan<byte> reference) => OfRoom("joined "u8, room, reference);

    /// <summary>A room was left, by the client's wish or for a reason.</summary>
    public ReadOnlySpan<byte> Left(RoomId room, ReadOnlySpan<byte> reference, CommandError? reason = null) => OfRoom("left "u8, room, reference, reason);

    /// <summary>Where a topic stands.</summary>
    public ReadOnlySpan<byte> At(Topic topic, Stamp stamp) => OfTopic("at "u8, topic, stamp);

    /// <summary>Earlier messages of a topic may be missing.</summary>
    public ReadOnlySpan<byte> Gap(Topic topic, Stamp stamp) => OfTopic("gap "u8, topic, stamp);

    /// <summary>A <c>say</c> was accepted by the cluster.</summary>
    public ReadOnlySpan<byte> Ok(ReadOnlySpan<byte> reference)
    {
        var length = HeaderBytes;
        Append(ref length, "ok #"u8);
        Append(ref length, reference);
        return Frame(length);
    }

    /// <summary>A command was refused.</summary>
    public ReadOnlySpan<byte> Error(CommandError error, ReadOnlySpan<byte> verb, RoomId room, ReadOnlySpan<byte> reference)
    {
        var length = HeaderBytes;
        Append(ref length, "error "u8);
        Append(ref length, reference.IsEmpty ? "-"u8 : "#"u8);
        Append(ref length, reference);
        Append(ref length, " "u8);
        Append(ref length, error.Code);
        Append(ref length, " "u8);
        Append(ref length, verb);
        Append(ref length, " "u8);
        Append(ref length, room);
        Append(ref length, " "u8);
        Append(ref length, error.Text);
        return Frame(length);
    }

    private ReadOnlySpan<byte> OfRoom(ReadOnlySpan<byte> word, RoomId room, ReadOnlySpan<byte> reference, CommandError? reason = null)
    {
        var length = HeaderBytes;
        Append(ref length, word);
        Append(ref length, room);
        if (reason is not null)
        {
            Append(ref length, " "u8);
            Append(ref length, reason.Code);
            Append(ref length, " "u8);
            Append(ref length, reason.Text);
        }

        if (!reference.IsEmpty)
        {
            Append(ref length, " #"u8);
            Append(ref length, reference);
        }

        return Frame(length);
    }

    private ReadOnlySpan<byte> OfTopic(ReadOnlySpan<byte> word, Topic topic, Stamp stamp)
    {
        var length = HeaderBytes;
        Append(ref length, word);
        length += TopicPart.Write(_buffer[length..], topic);
        Append(ref length, " "u8);
        length += Position.Write(_buffer[length..], stamp);
        return Frame(length);
    }

    private void Append(ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer[length..]);
        length += text.Length;
    }

    private void Append(ref int length, string text) => length += Encoding.UTF8.GetBytes(text, _buffer[length..]);

    private void Append(ref int length, long number)
    {
        Utf8Formatter.TryFormat(number, _buffer[length..], out var written);
        length += written;
    }

    private void Append(ref int length, RoomId room)
    {
        Append(ref length, room.Group);
        Append(ref length, ","u8);
        Append(ref length, room.Channel);
    }

    private ReadOnlySpan<byte> Frame(string text) => Frame(HeaderBytes + Encoding.UTF8.GetBytes(text, _buffer[HeaderBytes..]));

    // Writes the header of the frame in front of the text.
    private ReadOnlySpan<byte> Frame(int end)
    {
        var text = _buffer[HeaderBytes..end];
        var start = HeaderBytes - (FrameWriter.FrameBytes(text.Length) - text.Length);
        FrameWriter.Write(_buffer[start..], Opcode.Text, text);
        return _buffer[start..end];
    }
}
