using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Topics;

/// <summary>How much may wait in the topics of a gateway.</summary>
public sealed class TopicOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Topics";

    /// <summary>
    /// Undrained bytes in one topic past which its publishers wait: senders are not read, signals are held back up to
    /// <c>Direct:Signals:PlaceTimeout</c>. In bytes; default 1 MiB.
    /// </summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int MaxWaitingBytes { get; set; } = 1024 * 1024;
}
