using Direct.Edge.Protocol;
using Direct.Testing.WebSockets;
using Opcode = Direct.Testing.WebSockets.Opcode;

namespace Direct.Edge.Tests.Protocol;

public sealed class FrameSkipperTests
{
    /// <summary>Gets frames that are refused, each for a different reason.</summary>
    public static TheoryData<ClientFrame> Refused =>
    [
        new ClientFrame(Opcode.Text, new byte[70_000]),
        new ClientFrame(Opcode.Text, new byte[600]),
        new ClientFrame(Opcode.Text, new byte[20]) { Masked = false },
        new ClientFrame(Opcode.Binary, new byte[200]) { Masked = false },
        new ClientFrame(Opcode.Text, new byte[20]) { Reserved = 0x40 },
        new ClientFrame(0x3, new byte[126]),
        new ClientFrame(0xB, Array.Empty<byte>()),
        new ClientFrame(Opcode.Ping, new byte[126]),
        new ClientFrame(Opcode.Ping, new byte[5]) { Fin = false },
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public void Skip_ACloseFrameBehindARefusedOne_IsSeen(ClientFrame refused)
    {
        var skipper = new FrameSkipper();

        skipper.Skip([.. refused.Encode(), .. ClientFrame.Close(1009).Encode()]);

        Assert.True(skipper.HasSeenClose);
    }

    [Fact]
    public void Skip_PayloadThatLooksLikeACloseFrame_IsPassedOver()
    {
        var skipper = new FrameSkipper();

        skipper.Skip(new ClientFrame(Opcode.Text, ClientFrame.Close(1000).Encode()) { Masked = false }.Encode());

        Assert.False(skipper.HasSeenClose);
    }

    // Feeds the input as a transport does: unconsumed bytes are passed again, followed by new ones.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(4096)]
    public void Skip_InPieces_SeesTheCloseFrameOnceItsHeaderIsThere(int pieceBytes)
    {
        byte[] before = [.. Refused.SelectMany(row => row.Data.Encode())];
        byte[] input = [.. before, .. ClientFrame.Close(1000, "goodbye").Encode()];
        var skipper = new FrameSkipper();
        var taken = 0;

        for (var arrived = Math.Min(pieceBytes, input.Length); !skipper.HasSeenClose; arrived = Math.Min(arrived + pieceBytes, input.Length))
        {
            taken += skipper.Skip(input.AsSpan(taken, arrived - taken));

            // Less than a header stays unconsumed.
            Assert.InRange(arrived - taken, 0, FrameReader.MaxHeaderBytes - 1);
            Assert.True(arrived < input.Length || skipper.HasSeenClose, "passed over it");
        }

        Assert.True(taken > before.Length);
    }
}
