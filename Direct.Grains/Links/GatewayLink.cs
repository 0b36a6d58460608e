using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Grains.Links;

/// <summary>One live gateway, as a silo reaches it.</summary>
internal interface IGatewayLink
{
    Guid Id { get; }

    string Name { get; }

    /// <summary>Whether nobody should wait for its answer to a batch of this lane.</summary>
    bool IsStuck(Lane lane);

    /// <summary>Whether it has answered nothing for so long that it is not just slow.</summary>
    bool IsHung(Lane lane);

    /// <summary>Puts a batch behind all that wait for this gateway. The task has the answers, or null when the gateway is gone.</summary>
    Task<GatewayAnswer[]?> Send(SignalBatch batch);
}

/// <inheritdoc />
internal sealed class GatewayLink(GatewayEntry entry, LinkSettings settings) : IGatewayLink
{
    private readonly StripeLink[] _stripes = [.. entry.Observers.Select(observer => new StripeLink(observer, entry.Name, settings))];

    public Guid Id => entry.Id;

    public string Name => entry.Name;

    public bool IsStuck(Lane lane) => Stripe(lane).IsStuck;

    public bool IsHung(Lane lane) => Stripe(lane).IsHung;

    public Task<GatewayAnswer[]?> Send(SignalBatch batch) => Stripe(batch.Lane).Send(batch);

    public void Close() => Array.ForEach(_stripes, stripe => stripe.Close());

    private StripeLink Stripe(Lane lane) => _stripes[lane.Stripe(_stripes.Length)];
}
