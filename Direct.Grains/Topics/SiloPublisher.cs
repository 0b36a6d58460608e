using Direct.Grains.Links;
using Direct.Memory;
using Direct.Timing;

namespace Direct.Grains.Topics;

/// <summary>
/// Publishes through this silo: accepts the batches of lanes that are here, and forwards the others to their grains. Under memory pressure it forwards
/// every batch, because a new grain that refuses its first batch deactivates itself.
/// </summary>
internal sealed class SiloPublisher(LocalLanes lanes, ILiveGateways gateways, IMemoryWatch memory, IGrainFactory grains, TimeProvider timeProvider) : ILocalPublisher
{
    // Shorter than the caller's timeout, so that the other batches of a call are answered although one of them waits for a silo that hangs.
    private static readonly TimeSpan LongestForwarding = TimeSpan.FromMilliseconds(800);

    public async ValueTask<PublisherAnswer> PublishAsync(PublishRequest[] requests)
    {
        var answers = new PublishAnswer?[requests.Length];
        var accepted = new (LaneRouter Router, AcceptedBatch Batch)[requests.Length];
        var open = new Countdown(requests.Length);
        var isForwarding = false;
        for (var i = 0; i < requests.Length; i++)
        {
            var (batch, expectedEpoch) = requests[i];
            if (memory.Pressure is not MemoryPressure.None || !lanes.TryFind(batch.Lane, out var router) || router.IsSuperseded)
            {
                isForwarding = true;
                _ = ForwardAsync(requests[i], answers, i, open);
            }
            else if (router.Accept(batch, expectedEpoch, out answers[i], open.Decrement) is { } batchOfLane)
            {
                accepted[i] = (router, batchOfLane);
            }
            else
            {
                open.Decrement();
            }
        }

        gateways.Flush();
        if (!await open.Zero.TryWaitAsync(LaneRouter.Patience, timeProvider) && isForwarding)
        {
            await open.Zero.TryWaitAsync(LongestForwarding - LaneRouter.Patience, timeProvider);
        }

        for (var i = 0; i < accepted.Length; i++)
        {
            if (accepted[i].Router is { } router)
            {
                answers[i] = router.Answer(accepted[i].Batch);
            }
        }

        // A copy: a late answer of a forwarded batch would change the array while it is sent.
        return new PublisherAnswer(lanes.Silo, isForwarding ? [.. answers] : answers);
    }

    private async Task ForwardAsync(PublishRequest request, PublishAnswer?[] answers, int at, Countdown open)
    {
        try
        {
            answers[at] = await request.Batch.Lane.Grain(grains).PublishAsync(request.Batch, request.ExpectedEpoch);
        }
#pragma warning disable CA1031 // The gateway repeats a batch that has no answer, for whatever reason.
        catch (Exception)
#pragma warning restore CA1031
        {
            answers[at] = null;
        }

        open.Decrement();
    }

    /// <summary>Completes a task after a number of events.</summary>
    private sealed class Countdown
    {
        private readonly TaskCompletionSource _zero = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Countdown(int count)
        {
            _count = count;
            Decrement = () =>
            {
                if (Interlocked.Decrement(ref _count) == 0)
                {
                    _zero.SetResult();
                }
            };
        }

        public Action Decrement { get; }

        public Task Zero => _zero.Task;
    }
}
