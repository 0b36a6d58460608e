using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Identity;

/// <summary>How a token becomes a user.</summary>
public sealed class SessionOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Sessions";

    /// <summary>
    /// <c>none</c>: there are no sessions and everyone is anonymous. Not set, and not <c>env=test</c>: the node refuses to start
    /// unless a session store is configured. On the command line <c>sessions=</c>.
    /// </summary>
    public string? Mode { get; set; }

    /// <summary>How long a session store may take for one look-up. Default 5 s. Longer counts as unreachable.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a signed-in user is let in as a stranger while the store is unreachable, as in the original. Default no: closed 4005.</summary>
    public bool AnonymousWhenUnavailable { get; set; }

    /// <summary>Whether a blocked user is let in, as in the original. Default no: closed 4501.</summary>
    public bool AllowBlocked { get; set; }

    /// <summary>Whether <see cref="Mode"/> is <c>none</c>.</summary>
    public bool IsNone => string.Equals(Mode, "none", StringComparison.Ordinal);
}
