using System.Text;
using Direct.Edge.Protocol;
using Direct.Edge.Topics;
using Direct.Fuzz.References;
using Direct.Keeping;

namespace Direct.Fuzz.Targets;

/// <summary>Tests the lines of <c>direct.2</c>: <see cref="CommandLine"/>, and the parts and positions in them.</summary>
internal sealed class LineTarget : IFuzzTarget
{
    public LineTarget() => CommandLine.Parse("join 7,1"u8); // objects that are created once exist before allocations are counted

    public string Name => "line";

    public void Run(ReadOnlySpan<byte> input, int maxCuts)
    {
        foreach (var range in input.Split((byte)'\n'))
        {
            CheckLine(input[range]);
        }
    }

    private static void CheckLine(ReadOnlySpan<byte> line)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var actual = CommandLine.Parse(line);
        Check.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before, "bytes that reading a line allocates");

        var expected = ReferenceLine.Parse(Encoding.Latin1.GetString(line));
        Check.Equal(
            (expected.Verb, expected.IsValid, expected.Token, expected.Room, expected.Id, expected.Reference),
            (Text(actual.Word), actual.IsValid, Text(actual.Token), (actual.Group, actual.Channel), Text(actual.Id), Text(actual.Reference)),
            "the line");
        Check.Equal((expected.Part, expected.Position), (Text(actual.Part), Text(actual.Position)), "the words of 'since'");
        if (actual.Verb is Verb.Since && actual.IsValid)
        {
            CheckPart(actual.Part);
            CheckPosition(actual.Position);
        }
    }

    private static void CheckPart(ReadOnlySpan<byte> part)
    {
        var expected = ReferenceLine.ParsePart(Text(part));
        var isTopic = TopicPart.TryParse(part, out var topic);
        Check.Equal(expected is not null, isTopic, "whether the part names a topic");
        if (isTopic)
        {
            Span<byte> written = stackalloc byte[TopicPart.MaxBytes];
            Check.EqualBytes(part, written[..TopicPart.Write(written, topic)], "the part, written again");
        }
    }

    // What is read is written in the same way, so a position has one form.
    private static void CheckPosition(ReadOnlySpan<byte> position)
    {
        Check.Equal(ReferenceLine.MayBePosition(Text(position)), Position.IsValid(position), "whether a text may be a position");
        var isOurs = Position.TryParse(position, out var stamp);
        Check.Equal(ReferenceLine.ParsePosition(Text(position)), isOurs ? (stamp.Epoch, stamp.Offset) : null, "the position");
        if (isOurs)
        {
            Span<byte> written = stackalloc byte[Position.MaxWrittenBytes];
            Check.EqualBytes(position, written[..Position.Write(written, stamp)], "the position, written again");
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
