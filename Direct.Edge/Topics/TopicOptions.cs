using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Topics;

/// <summary>Configures the queues of a gateway's topics.</summary>
public sealed class TopicOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Topics";

    /// <summary>
    /// Gets or sets the number of unsent bytes of one topic above which its publishers wait: the input of senders is not read, and signals are
    /// delayed up to <c>Direct:Signals:PublishTimeout</c>. Default 1 MiB.
    /// </summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int MaxWaitingBytes { get; set; } = 1024 * 1024;
}
