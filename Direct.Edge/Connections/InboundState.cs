using Direct.Edge.Protocol;

namespace Direct.Edge.Connections;

/// <summary>The state that <see cref="FrameHandler"/> keeps for one connection between two calls. Only the receiving thread uses it.</summary>
internal struct InboundState(EffectiveLimits limits, long nowMs)
{
    public MessageAssembler Assembler;

    public TokenBucket Messages = new(limits.MessagesPerSecond, limits.MessageBurst, nowMs);

    public TokenBucket Joins = new(limits.JoinsPerSecond, limits.JoinBurst, nowMs);

    /// <summary>Passes over what comes after a frame that was refused; until then null.</summary>
    public FrameSkipper? Skipper;
}
