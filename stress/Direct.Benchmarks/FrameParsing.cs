using BenchmarkDotNet.Attributes;
using Direct.Benchmarks.Fakes;
using Direct.Edge.Protocol;

namespace Direct.Benchmarks;

/// <summary>Measures what a connection reads: 16 frames that arrived in one piece, unmasked.</summary>
[MemoryDiagnoser]
public class FrameParsing
{
    private const int Frames = 16;
    private const int MaxPayloadBytes = 512;

    private readonly byte[] _payload = new byte[MaxPayloadBytes];
    private byte[] _input = [];

    [Params(8, 64, 512)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Setup() => _input = ClientFrames.Repeated(ClientFrames.Text(ClientFrames.Payload(PayloadBytes)), Frames);

    [Benchmark(OperationsPerInvoke = Frames)]
    public int TryRead()
    {
        ReadOnlySpan<byte> rest = _input;
        var read = 0;
        while (FrameReader.TryRead(rest, MaxPayloadBytes, out var frame, out var frameBytes, out _) is FrameStatus.Complete)
        {
            frame.CopyPayloadTo(_payload);
            rest = rest[frameBytes..];
            read += frame.PayloadLength;
        }

        return read;
    }
}
