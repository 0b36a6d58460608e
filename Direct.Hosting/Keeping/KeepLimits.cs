using System.ComponentModel.DataAnnotations;

namespace Direct.Keeping;

/// <summary>Bounds what a process keeps for clients of <c>direct.2</c> that come back. Gateways and silos have these settings in common.</summary>
public abstract class KeepLimits
{
    /// <summary>
    /// Gets or sets how long a message is kept, and how long a topic is kept after its last client has gone: at a gateway after the end of its last connection, at a silo after
    /// the lease of its last gateway has ended, unless a gateway reports a longer time for that. Default 2 minutes; with 0 a gateway keeps nothing.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets or sets the bytes that are kept of one topic. The oldest messages go first. Default 1 MiB.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int BytesPerTopic { get; set; } = 1024 * 1024;

    /// <summary>
    /// Gets or sets the bytes that are kept of all topics together. The oldest messages go first. Default 0: an eighth of what the garbage collector may
    /// use. While memory is short it is half of that.
    /// </summary>
    [Range(0, 1024L * 1024 * 1024 * 1024)]
    public long BytesPerProcess { get; set; }
}
