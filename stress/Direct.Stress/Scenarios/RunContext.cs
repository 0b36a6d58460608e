using System.Buffers;
using System.Net;
using Direct.Stress.Links;
using Direct.Stress.Measuring;
using Direct.Stress.Options;
using Direct.Stress.Protocol;
using Direct.Stress.Runs;

namespace Direct.Stress.Scenarios;

/// <summary>Holds what all parts of a run in one process share.</summary>
internal sealed class RunContext(StressOptions options, WorkerAssignment assignment, Engine engine, IReadOnlyList<Target> gateways)
{
    private readonly Handshake[] _handshakes = [.. gateways.Select(target => new Handshake(
        target.Authority, target.PathAndQuery, options.IsDirect2 ? "direct.2" : null))];
    private readonly IPAddress?[] _sources = options.Sources == 1
        ? [null]
        : [.. Enumerable.Range(1, options.Sources).Select(static last => new IPAddress([127, 0, 0, (byte)last]))];

    public StressOptions Options => options;

    public WorkerAssignment Assignment => assignment;

    public Engine Engine => engine;

    public FrameWriter Frames { get; } = new();

    public ErrorCounts Errors { get; } = new();

    public DeliveryTally Tally { get; } = new(assignment.RunId, assignment.Epoch);

    /// <summary>Gets the times from the first packet to the answer that opens the WebSocket.</summary>
    public Histogram ConnectTimes { get; } = new();

    /// <summary>Gets what clients of direct.2 see besides messages.</summary>
    public ResumeTally Resumes { get; } = new();

    /// <summary>Gets the buffer in which the first message of a connection is written.</summary>
    public ArrayBufferWriter<byte> FirstMessage { get; } = new();

    public int Gateways => gateways.Count;

    public int GatewayOf(int number) => number % gateways.Count;

    public Handshake HandshakeOf(int gateway) => _handshakes[gateway];

    public Link Connect(int number, int gateway, ILinkOwner owner) =>
        engine.Connect(gateways[gateway], SourceOf(number), owner);

    // Successive connections to one gateway come from different addresses.
    public IPAddress? SourceOf(int number) => _sources[number / gateways.Count % _sources.Length];
}
