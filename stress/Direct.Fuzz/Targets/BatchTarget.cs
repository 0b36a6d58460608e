using System.Text;
using Direct.Edge.BackendApi;
using Direct.Edge.Signals;
using Direct.Fuzz.References;

namespace Direct.Fuzz.Targets;

/// <summary>Tests the JSON array of signals: <see cref="SignalBatchReader"/>.</summary>
internal sealed class BatchTarget : IFuzzTarget
{
    private static readonly SignalOptions Options = new() { MaxBatch = 3, MaxMessageBytes = 16 }; // so that small inputs reach the limits

    public string Name => "batch";

    public void Run(ReadOnlySpan<byte> input, int maxCuts)
    {
        var json = input.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var problem = SignalBatchReader.TryRead(json, Options, out var requests);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Check.That(allocated <= (256 * 1024) + (64L * json.Length), $"{json.Length} bytes of JSON made the reader allocate {allocated}");

        var expected = ReferenceBatch.Read(json, Options.MaxBatch, Options.MaxMessageBytes);
        if (expected.HasBrokenName && problem is { Status: 400 or 413 })
        {
            return; // may be noticed, but need not be
        }

        Check.That(expected.Status == problem?.Status, $"expected {expected.Status?.ToString() ?? "taken"}, was {problem?.Detail ?? "taken"}");
        if (problem is null)
        {
            Check.Equal(
                string.Join('\n', expected.Signals.Select(signal => $"{signal.Target} {signal.Id} {signal.Message}")),
                string.Join('\n', requests.Select(request => $"{request.Target} {(request.IsOwnId ? request.Id : null)} {Encoding.UTF8.GetString(request.Message.Span)}")),
                "the signals");
        }
    }
}
