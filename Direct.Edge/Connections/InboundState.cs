using Direct.Edge.Protocol;

namespace Direct.Edge.Connections;

/// <summary>What <see cref="FrameHandler"/> keeps for one connection from one call to the next. It belongs to the thread that receives.</summary>
internal struct InboundState(EffectiveLimits limits, long nowMs)
{
    public MessageAssembler Assembler;

    public TokenBucket Messages = new(limits.MessagesPerSecond, limits.MessageBurst, nowMs);

    public TokenBucket Joins = new(limits.JoinsPerSecond, limits.JoinBurst, nowMs);

    /// <summary>Passes over what comes after a frame that was refused; until then null.</summary>
    public FrameSkipper? Skipper;
}
