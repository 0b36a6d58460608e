using Direct.Edge.Protocol;

namespace Direct.Edge.Tests.Protocol;

/// <summary>Represents the result of <see cref="FrameReader.TryRead"/> as a value that can be compared.</summary>
internal sealed record ReadFrame(FrameStatus Status, int FrameBytes, string? Refusal, byte? Opcode = null, bool IsFinal = false, string Payload = "")
{
    public static readonly ReadFrame NeedMore = new(FrameStatus.NeedMore, 0, null);

    public static ReadFrame Refused(CloseReason reason) => new(FrameStatus.Refused, 0, reason.Label);

    public static ReadFrame Of(ReadOnlySpan<byte> input, int maxDataPayloadBytes)
    {
        var status = FrameReader.TryRead(input, maxDataPayloadBytes, out var frame, out var frameBytes, out var refusal);
        if (status is not FrameStatus.Complete)
        {
            return new ReadFrame(status, frameBytes, refusal?.Label);
        }

        var payload = new byte[frame.PayloadLength];
        frame.CopyPayloadTo(payload);
        return new ReadFrame(status, frameBytes, refusal?.Label, (byte)frame.Opcode, frame.IsFinal, Convert.ToHexString(payload));
    }
}
