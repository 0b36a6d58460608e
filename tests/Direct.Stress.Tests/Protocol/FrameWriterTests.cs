using Direct.Stress.Protocol;
using Direct.Stress.Tests.Servers;

namespace Direct.Stress.Tests.Protocol;

public sealed class FrameWriterTests
{
    public static TheoryData<int> Lengths => [0, 1, 3, 7, 8, 9, 125, 126, 127, 65_535, 65_536];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Write_AnyLength_IsAMaskedFrameThatGivesThePayloadBack(int length)
    {
        var payload = Enumerable.Range(0, length).Select(static i => (byte)(i * 7)).ToArray();
        var bytes = new byte[length + FrameWriter.MaxHeaderBytes];

        var written = new FrameWriter().Write(bytes, Opcode.Text, payload);

        Assert.Equal(written, ClientFrames.Read(bytes.AsSpan(0, written), out var opcode, out var read));
        Assert.Equal((int)Opcode.Text, opcode);
        Assert.Equal(payload, read);
    }

    [Fact]
    public void Write_TwoFrames_HaveDifferentMasks()
    {
        var writer = new FrameWriter();
        var (first, second) = (new byte[20], new byte[20]);

        writer.Write(first, Opcode.Text, "abcd"u8);
        writer.Write(second, Opcode.Text, "abcd"u8);

        Assert.NotEqual(first, second);
    }
}
