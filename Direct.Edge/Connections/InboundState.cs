using Direct.Edge.Protocol;

namespace Direct.Edge.Connections;

/// <summary>Holds the state that <see cref="FrameHandler"/> keeps for one connection between two calls. Only the receiving thread uses it.</summary>
internal struct InboundState(EffectiveLimits limits, long nowMs)
{
    public MessageAssembler Assembler;

    public TokenBucket Messages = new(limits.MessagesPerSecond, limits.MessageBurst, nowMs);

    public TokenBucket Joins = new(limits.JoinsPerSecond, limits.JoinBurst, nowMs);

    /// <summary>Skips the input after a frame that was refused; null until then.</summary>
    public FrameSkipper? Skipper;

    /// <summary>The bytes of input that wait, as the memory budget counts them.</summary>
    public int CountedBytes;
}
