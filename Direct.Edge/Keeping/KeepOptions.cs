using Direct.Keeping;

namespace Direct.Edge.Keeping;

/// <summary>Configures what a node keeps for clients of <c>direct.2</c> that come back.</summary>
public sealed class KeepOptions : KeepLimits
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Keep";

    /// <summary>Gets or sets what this node does. The setup of the node decides it, not the configuration.</summary>
    internal KeepRole Role { get; set; }

    /// <summary>Gets or sets how long this node remembers the ids of signals, so that repeats can be recognised.</summary>
    internal TimeSpan RemembersIdsFor { get; set; } = TimeSpan.FromMinutes(5);
}
