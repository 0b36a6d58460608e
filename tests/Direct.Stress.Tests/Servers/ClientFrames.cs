using System.Buffers.Binary;

namespace Direct.Stress.Tests.Servers;

/// <summary>Reads the masked frames of a client.</summary>
internal static class ClientFrames
{
    /// <summary>Returns the length of the whole frame, or 0 while it is incomplete. A frame without a mask throws.</summary>
    public static int Read(ReadOnlySpan<byte> input, out int opcode, out byte[] payload)
    {
        (opcode, payload) = (0, []);
        if (input.Length < 2)
        {
            return 0;
        }

        Assert.True((input[1] & 0x80) != 0, "a frame that is not masked");
        var (length, at) = ((long)(input[1] & 0x7F), 2);
        if (length == 126)
        {
            if (input.Length < 4)
            {
                return 0;
            }

            (length, at) = (BinaryPrimitives.ReadUInt16BigEndian(input[2..]), 4);
        }
        else if (length == 127)
        {
            if (input.Length < 10)
            {
                return 0;
            }

            (length, at) = (BinaryPrimitives.ReadInt64BigEndian(input[2..]), 10);
        }

        var end = at + 4 + length;
        if (input.Length < end)
        {
            return 0;
        }

        opcode = input[0] & 0x0F;
        payload = input.Slice(at + 4, (int)length).ToArray();
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= input[at + (i & 3)];
        }

        return (int)end;
    }
}
