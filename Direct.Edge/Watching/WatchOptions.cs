using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Watching;

/// <summary>The live views of a gateway. The console page has its own options in the same section.</summary>
public sealed class WatchOptions
{
    /// <summary>The section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Console";

    /// <summary>The number of live views that this gateway serves at the same time. Default 4; 0: none. More: 429.</summary>
    [Range(0, 100)]
    public int MaxWatches { get; set; } = 4;

    /// <summary>
    /// Whether a live view may show that messages were delivered on this gateway, each as its length and the start of its hash, never its
    /// text. Default no.
    /// </summary>
    public bool ShowMessages { get; set; }
}
