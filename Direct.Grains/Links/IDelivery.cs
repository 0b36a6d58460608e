using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Grains.Links;

/// <summary>Represents a batch for one gateway. The link calls either <see cref="Answered"/> or <see cref="Abandoned"/>, once.</summary>
internal interface IDelivery
{
    SignalBatch Batch { get; }

    /// <summary>Processes the gateway's answers.</summary>
    /// <param name="answers">One for each signal.</param>
    void Answered(ReadOnlySpan<GatewayAnswer> answers);

    /// <summary>Reports that the gateway has left the cluster. It may be called before <see cref="IGatewayLink.Send"/> returns.</summary>
    void Abandoned();
}
