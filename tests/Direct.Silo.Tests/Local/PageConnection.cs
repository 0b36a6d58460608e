namespace Direct.Silo.Tests.Local;

/// <summary>
/// Represents a connection that was opened: whether it still is, what <c>onclose</c> was told (0: nothing yet; 1006: it ended without a close frame),
/// and what it got, of each stream in order, and besides.
/// </summary>
internal sealed record PageConnection(bool IsOpen, int Code, Dictionary<int, int[]> Numbers, string[] Others)
{
    public override string ToString() => (IsOpen ? "open" : $"closed {Code}")
        + string.Concat(Numbers.Select(stream => $", s{stream.Key}.{stream.Value[0]} to {stream.Value[^1]}"));
}
