using System.Text;
using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Topics;
using Orleans.GrainDirectory;

namespace Direct.Grains.Canaries;

/// <inheritdoc cref="ICanaryLaneGrain" />
[GrainType("direct.canary-lane"), NamedSiloPlacement, GrainDirectory(NoDirectory.Name)]
internal sealed class CanaryLaneGrain(ILiveGateways gateways, ILocalSiloDetails silo) : Grain, ICanaryLaneGrain
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(silo.Name);
    private readonly Dictionary<Guid, CanaryDelivery> _last = [];

    public ValueTask<bool> SendAsync(Guid gateway, long number)
    {
        var links = gateways.Links;
        if (gateways.IsFenced || links.FirstOrDefault(link => link.Id == gateway) is not { } link)
        {
            return new(false);
        }

        if (_last.TryGetValue(gateway, out var last))
        {
            // The link repeats it until the gateway answers. One is enough to see that it is reached again.
            if (!last.IsEnded)
            {
                return new(false);
            }
        }
        else
        {
            ForgetAllBut(links);
        }

        // Another lane each time, so that all of the link's stripes are used in turn.
        var topic = new TopicKey(TopicScope.Canary, number, 0);
        var canary = new SignalEnvelope(topic, 0, 0, 0, number, _name, null);
        var delivery = new CanaryDelivery(new SignalBatch(gateway, Lane.Of(topic), number - 1, [canary], 0));
        _last[gateway] = delivery;
        link.Send(delivery);
        link.Flush();
        return new(true);
    }

    private void ForgetAllBut(IReadOnlyList<IGatewayLink> links)
    {
        foreach (var gone in _last.Keys.Except(links.Select(static link => link.Id)).ToList())
        {
            _last.Remove(gone);
        }
    }
}
