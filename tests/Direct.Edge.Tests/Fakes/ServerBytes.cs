using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Parses the bytes that a gateway sent, with a codec of the tests.</summary>
internal static class ServerBytes
{
    /// <summary>Returns all frames; throws when the bytes end inside a frame.</summary>
    public static List<ServerFrame> Frames(ReadOnlySpan<byte> bytes)
    {
        var frames = WholeFrames(bytes, out var consumed);
        Assert.True(consumed == bytes.Length, $"{frames.Count} frames, then {bytes.Length - consumed} bytes of a frame that is cut off");
        return frames;
    }

    /// <summary>Returns the whole frames at the start of the bytes.</summary>
    public static List<ServerFrame> WholeFrames(ReadOnlySpan<byte> bytes, out int consumed)
    {
        var reader = new ServerFrameReader();
        var frames = new List<ServerFrame>();
        consumed = 0;
        while (reader.TryRead(bytes[consumed..], out var frame, out var length))
        {
            frames.Add(frame!);
            consumed += length;
        }

        return frames;
    }

    public static string[] Texts(ReadOnlySpan<byte> bytes) => [.. Frames(bytes).Where(frame => frame.IsText).Select(frame => frame.Text)];
}
