using Direct.Edge.Connections;
using Direct.Edge.Protocol;
using Direct.Fuzz.Fakes;
using Direct.Fuzz.References;

namespace Direct.Fuzz.Targets;

/// <summary>Tests everything that a client sends after its handshake: <c>Connection.Receive</c>, called as the transports do.</summary>
internal sealed class ConnectionTarget : IFuzzTarget
{
    private readonly Lazy<Node> _small; // so that small inputs reach the limits
    private readonly Lazy<Node> _large;
    private readonly Func<ConnectionOptions, ReferenceConnection> _createReference;

    private ConnectionTarget(string name, Func<Node> createSmall, Func<Node> createLarge, Func<ConnectionOptions, ReferenceConnection> createReference)
    {
        (Name, _createReference) = (name, createReference);
        (_small, _large) = (new Lazy<Node>(createSmall), new Lazy<Node>(createLarge));
    }

    public string Name { get; }

    public static ConnectionTarget Original() => new(
        "connection",
        () => new Node(("MaxMessageBytes", 64)),
        () => new Node(("MaxMessageBytes", 1024 * 1024)),
        options => new ReferenceConnection(options.MaxMessageBytes));

    public static ConnectionTarget Direct2() => new(
        "direct2",
        () => new Node(("Direct2", true), ("MaxRooms", 2), ("MaxMessageBytes", 16), ("MaxFirstMessageBytes", 1024 + 64), ("MaxLaterMessageBytes", 128)),
        () => new Node(("Direct2", true)),
        options => new ReferenceDirect2(options.MaxRooms, options.MaxMessageBytes, options.MaxFirstMessageBytes, options.MaxLaterMessageBytes));

    public void Run(ReadOnlySpan<byte> input, int maxCuts)
    {
        RunOn(_small.Value, input, Cuts.Of(input, maxCuts));
        RunOn(_large.Value, input, []);
        _small.Value.CheckEmpty();
        _large.Value.CheckEmpty();
    }

    private void RunOn(Node node, ReadOnlySpan<byte> input, int[] cuts)
    {
        var reference = _createReference(node.Options);
        reference.Receive(input);
        var bytes = input.ToArray();
        RunParts(node, reference, [bytes], isFull: false);
        if (!node.Options.Direct2) // its waits end on another thread
        {
            RunParts(node, reference, [bytes], isFull: true);
        }

        if (cuts.Length > 0)
        {
            RunParts(node, reference, [.. bytes.Select(static each => new[] { each })], isFull: false);
        }

        foreach (var cut in cuts)
        {
            RunParts(node, reference, [bytes[..cut], bytes[cut..]], isFull: false);
        }
    }

    private static void RunParts(Node node, ReferenceConnection reference, byte[][] parts, bool isFull)
    {
        var events = new List<string>();
        node.Backplane.IsFull = isFull;
        var connection = node.Open(events);
        Task end;
        try
        {
            Feed(node, connection, parts);
            Check.Equal(reference.IsFinished, connection.IsFinished, $"whether the client has said goodbye, in {parts.Length} parts");
            Check.Equal(string.Join('\n', reference.Events), string.Join('\n', events), $"what came of the input, in {parts.Length} parts");
        }
        finally
        {
            end = connection.EndAsync();
        }

        Check.That(end.IsCompletedSuccessfully, $"the end is {end.Status}");
    }

    private static void Feed(Node node, Connection connection, byte[][] parts)
    {
        byte[] input = [];
        foreach (var part in parts)
        {
            if (connection.IsFinished)
            {
                return;
            }

            input = [.. input, .. part];
            input = input[Feed(node, connection, input)..];
        }
    }

    // Returns the number of bytes consumed.
    private static int Feed(Node node, Connection connection, byte[] input)
    {
        var consumed = 0;
        while (true)
        {
            var given = input.Length - consumed;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var reception = connection.Receive(input.AsSpan(consumed));
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Check.That(
                allocated <= MayAllocate(given), $"{given} bytes of input made the node allocate {allocated}, with messages of up to {node.Options.LargestMessageBytes}");
            Check.That(reception.Consumed >= 0 && reception.Consumed <= given, $"of {given} bytes {reception.Consumed} were consumed");
            consumed += reception.Consumed;
            if (reception.Pending is not { } pending)
            {
                var held = given - reception.Consumed;
                Check.That(
                    held < FrameReader.MaxHeaderBytes + Math.Max(node.Options.LargestMessageBytes, 125), $"{held} bytes are held, with messages of up to {node.Options.LargestMessageBytes}");
                return consumed;
            }

            Check.That(node.Backplane.IsFull && !pending.IsCompleted, $"input is held, and nothing is to be waited for: {pending.Status}");
            node.Backplane.Release();
        }
    }

    // Far more than an input needs, and far less than the largest message: allocations must depend on the input that came, not on what may come. The
    // constant is for objects that are created once; most of the rest is for the records of this test.
    private static long MayAllocate(int inputBytes) => (256 * 1024) + (256L * inputBytes);
}
