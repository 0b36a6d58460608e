using Direct.Grains.Links;
using Direct.Timing;

namespace Direct.Grains.Topics;

/// <summary>Reads what a gateway that is being stopped has of the logs of a lane, and the lane does not have: after a recovery it reads older messages for a while.</summary>
internal sealed class RingTakeover(LaneRouter router, LaneRecoveryContext context)
{
    /// <summary>Specifies how long the gateway waits. What is not here by then is lost with it, unless another gateway has it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Completes when the lane has everything that the gateway has of these topics and there is space for, or after <see cref="Patience"/>.</summary>
    public async Task RunAsync(Guid gateway, IReadOnlyList<HandOverRequest> topics)
    {
        if (context.Gateways.Links.FirstOrDefault(link => link.Id == gateway) is { } link)
        {
            using var ended = new CancellationTokenSource();
            await ReadAsync(link, topics, ended.Token).TryWaitAsync(Patience, context.TimeProvider);
            await Background.CancelAsync(ended);
        }
    }

    private async Task ReadAsync(IGatewayLink link, IReadOnlyList<HandOverRequest> topics, CancellationToken ended)
    {
        foreach (var topic in topics)
        {
            while (!ended.IsCancellationRequested && router.FindMissing(topic.Topic, topic.First) is var (epoch, request))
            {
                using var turn = await context.EnterRefillAsync();
                if (ended.IsCancellationRequested)
                {
                    return;
                }

                var page = await link.ReadKeptAsync(request);
                if (!RecoverCheck.IsValid(request, page) || page.Marks is not [.., var last] || last.Epoch != epoch || page.Messages.Length == 0)
                {
                    break;
                }

                context.Metrics.RecoveredEntries(page.Messages.Length);
                if (router.Refill(topic.Topic, epoch, page.Messages) == 0)
                {
                    break; // the budget is used up
                }
            }
        }
    }
}
