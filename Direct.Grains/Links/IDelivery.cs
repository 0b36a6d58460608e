using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Grains.Links;

/// <summary>A batch for one gateway, and who is told what became of it. One of the two calls is made, once.</summary>
internal interface IDelivery
{
    SignalBatch Batch { get; }

    /// <summary>The gateway has answered.</summary>
    /// <param name="answers">One a signal.</param>
    void Answered(ReadOnlySpan<GatewayAnswer> answers);

    /// <summary>The gateway is gone. May be called before the batch's <see cref="IGatewayLink.Send"/> returns.</summary>
    void Abandoned();
}
