using Direct.Edge.Protocol;
using Direct.Fuzz.References;

namespace Direct.Fuzz.Targets;

/// <summary>Tests the single frames of a client: <see cref="FrameReader"/>, and <see cref="FrameSkipper"/> after a refused one.</summary>
internal sealed class FrameTarget : IFuzzTarget
{
    // No data, the bounds of the forms of a length, the default, and the largest setting.
    private static readonly int[] Limits = [0, 125, 126, 512, 65_535, 65_536, 1024 * 1024];

    public FrameTarget() => Read([0xFF], 0); // objects that are created once exist before allocations are counted

    public string Name => "frame";

    public void Run(ReadOnlySpan<byte> input, int maxCuts)
    {
        var cuts = Cuts.Of(input, maxCuts);
        foreach (var limit in Limits)
        {
            RunFrames(input, limit, cuts);
        }

        RunSkipper(input, cuts);
    }

    private static void RunFrames(ReadOnlySpan<byte> input, int limit, int[] cuts)
    {
        var start = 0;
        while (true)
        {
            var expected = ReferenceFrame.Read(input[start..], limit);
            CheckFrame(expected, input[start..], limit);
            if (expected.Verdict is not FrameVerdict.Whole)
            {
                CheckPrefixes(expected, input, start, limit, cuts);
                return;
            }

            start += expected.Length;
        }
    }

    private static void CheckFrame(ReferenceFrame expected, ReadOnlySpan<byte> input, int limit)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (status, length, refusal) = Read(input, limit);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Check.Equal(0, allocated, "bytes that reading a frame allocates");
        Check.Equal(expected.Verdict, Verdict(status, refusal), $"the frame, with a limit of {limit}");
        Check.Equal(expected.Length, length, $"the frame's length, with a limit of {limit}");
        if (status is FrameStatus.Complete)
        {
            FrameReader.TryRead(input, limit, out var frame, out _, out _);
            var payload = new byte[frame.PayloadLength];
            frame.CopyPayloadTo(payload);
            Check.Equal(expected.Opcode, (int)frame.Opcode, "the opcode");
            Check.Equal(expected.IsFinal, frame.IsFinal, "the final bit");
            Check.Equal(expected.Opcode >= 8, frame.IsControl, "whether it is a control frame");
            Check.EqualBytes(expected.Payload, payload, "the payload");
        }
    }

    // For the last frame: more is needed until there is a result, and the result never changes.
    private static void CheckPrefixes(ReferenceFrame last, ReadOnlySpan<byte> input, int start, int limit, int[] cuts)
    {
        foreach (var cut in cuts.Where(cut => cut >= start))
        {
            var (status, length, refusal) = Read(input[start..cut], limit);
            Check.That(
                status is FrameStatus.NeedMore || Verdict(status, refusal) == last.Verdict,
                $"the first {cut - start} bytes of the frame, with a limit of {limit}: {status}, and of all of it {last.Verdict}");
            Check.Equal(0, length, "the length of a frame that is not whole");
        }
    }

    private static void RunSkipper(ReadOnlySpan<byte> input, int[] cuts)
    {
        var expected = ReferenceFrame.Skipped(input);
        foreach (var cut in cuts)
        {
            // As a transport does: bytes that were not consumed come again, with those that have arrived since.
            var skipper = new FrameSkipper();
            var skipped = skipper.Skip(input[..cut]);
            Check.That(skipped >= 0 && skipped <= cut, $"of {cut} bytes {skipped} were passed over");
            Check.That(cut - skipped < FrameReader.MaxHeaderBytes || skipper.HasSeenClose, $"of {cut} bytes only {skipped} were passed over");
            skipped += skipper.HasSeenClose ? 0 : skipper.Skip(input[skipped..]);
            Check.Equal(expected, (skipped, skipper.HasSeenClose), $"what is passed over, cut at {cut}");
        }
    }

    private static (FrameStatus Status, int Length, CloseReason? Refusal) Read(ReadOnlySpan<byte> input, int limit)
    {
        var status = FrameReader.TryRead(input, limit, out _, out var length, out var refusal);
        return (status, length, refusal);
    }

    private static FrameVerdict Verdict(FrameStatus status, CloseReason? refusal) => (status, refusal?.Code) switch
    {
        (FrameStatus.Complete, null) => FrameVerdict.Whole,
        (FrameStatus.NeedMore, null) => FrameVerdict.NotWhole,
        (FrameStatus.Refused, 1002) => FrameVerdict.Illegal,
        (FrameStatus.Refused, 1009) => FrameVerdict.TooLong,
        _ => throw new FuzzException($"{status} with {refusal}"),
    };
}
