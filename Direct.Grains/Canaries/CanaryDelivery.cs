using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Topics;

namespace Direct.Grains.Canaries;

/// <summary>A canary on its way to its gateway, which itself notes its arrival.</summary>
internal sealed class CanaryDelivery(SignalBatch batch) : IDelivery
{
    private volatile bool _isEnded;

    public SignalBatch Batch => batch;

    /// <summary>Whether the gateway has acknowledged it, or has left.</summary>
    public bool IsEnded => _isEnded;

    public void Answered(ReadOnlySpan<GatewayAnswer> answers) => _isEnded = true;

    public void Abandoned() => _isEnded = true;
}
