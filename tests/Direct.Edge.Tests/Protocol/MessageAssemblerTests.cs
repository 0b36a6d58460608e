using System.Text;
using Direct.Edge.Protocol;
using Direct.Testing.WebSockets;
using Opcode = Direct.Testing.WebSockets.Opcode;

namespace Direct.Edge.Tests.Protocol;

public sealed class MessageAssemblerTests
{
    private const int MaxMessageBytes = 16;

    private MessageAssembler _assembler;

    [Theory]
    [InlineData(Opcode.Text, true)]
    [InlineData(Opcode.Binary, false)]
    public void TryComplete_FrameThatIsNotInPieces_IsTheMessage(byte opcode, bool isText)
    {
        Assert.Equal([("hello", isText)], Read(new ClientFrame(opcode, Encoding.UTF8.GetBytes("hello"))));
    }

    [Theory]
    [InlineData]
    [InlineData(2)]
    [InlineData(0, 0, 1, 4, 5)]
    public void TryComplete_Fragments_AreOneMessageOfTheFirstOnesKind(params int[] cuts)
    {
        var text = ClientFrame.Fragments(Opcode.Text, "hello"u8.ToArray(), cuts);
        var binary = ClientFrame.Fragments(Opcode.Binary, "world"u8.ToArray(), cuts);

        Assert.Equal([("hello", true), ("world", false)], Read([.. text, .. binary]));
    }

    [Fact]
    public void TryComplete_ControlFramesBetweenFragments_ChangeNothing()
    {
        var ping = new ClientFrame(Opcode.Ping, new byte[125]);
        var fragments = ClientFrame.Fragments(Opcode.Text, "0123456789abcdef"u8.ToArray(), 5, 10);

        Assert.Equal([("0123456789abcdef", true)], Read([.. fragments.SelectMany(fragment => new[] { ping, fragment, ping })]));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(15, 1)]
    [InlineData(0, 16, 0)]
    public void Length_OfAMessageAtTheLimit_LeavesRoomForItsLastFrame(params int[] lengths)
    {
        Assert.Equal([(new string('x', MaxMessageBytes), true)], Read(Pieces(lengths)));
    }

    [Theory]
    [InlineData(17)]
    [InlineData(16, 1)]
    [InlineData(1, 16)]
    public void Length_OfAMessageOverTheLimit_LeavesNoRoomForItsLastFrame(params int[] lengths)
    {
        Assert.Throws<InvalidDataException>(() => Read(Pieces(lengths)));
    }

    [Fact]
    public void Length_MessageIsComplete_IsZero()
    {
        Read(Pieces([10, 6]));

        Assert.Equal(0, _assembler.Length);
    }

    [Theory]
    [InlineData(false, Opcode.Text, true)]
    [InlineData(false, Opcode.Binary, true)]
    [InlineData(false, Opcode.Continuation, false)]
    [InlineData(true, Opcode.Text, false)]
    [InlineData(true, Opcode.Binary, false)]
    [InlineData(true, Opcode.Continuation, true)]
    public void MayTake_AnyDataFrame_ContinuesAMessageOrBeginsOne(bool isWithinMessage, byte opcode, bool expected)
    {
        if (isWithinMessage)
        {
            Read(new ClientFrame(Opcode.Text, Array.Empty<byte>()) { Fin = false });
        }

        Assert.Equal(expected, _assembler.MayTake((Edge.Protocol.Opcode)opcode));
    }

    private static ClientFrame[] Pieces(int[] lengths) =>
    [
        .. lengths.Select((length, i) => new ClientFrame(i == 0 ? Opcode.Text : Opcode.Continuation, Encoding.ASCII.GetBytes(new string('x', length)))
        {
            Fin = i == lengths.Length - 1,
        }),
    ];

    // As a connection does: what is left of the limit is checked by the reader, and control frames pass by.
    private List<(string Text, bool IsText)> Read(params ClientFrame[] frames)
    {
        ReadOnlySpan<byte> input = [.. frames.SelectMany(frame => frame.Encode())];
        var messages = new List<(string, bool)>();
        while (!input.IsEmpty)
        {
            if (FrameReader.TryRead(input, MaxMessageBytes - _assembler.Length, out var frame, out var frameBytes, out var refusal) is not FrameStatus.Complete)
            {
                throw new InvalidDataException(refusal?.Label);
            }

            input = input[frameBytes..];
            if (!frame.IsControl && _assembler.TryComplete(frame, MaxMessageBytes, out var message, out var isText))
            {
                messages.Add((Encoding.UTF8.GetString(message.Span), isText));
            }
        }

        return messages;
    }
}
