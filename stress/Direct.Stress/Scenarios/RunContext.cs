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
    private readonly Handshake[] _handshakes = [.. gateways.Select(static target => new Handshake(target.Authority, target.PathAndQuery))];
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

    public Handshake HandshakeOf(int number) => _handshakes[number % _handshakes.Length];

    public Link Connect(int number, ILinkOwner owner) =>
        engine.Connect(gateways[number % gateways.Count], SourceOf(number), owner);

    // Successive connections to one gateway come from different addresses.
    public IPAddress? SourceOf(int number) => _sources[number / gateways.Count % _sources.Length];
}
