using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Identity;

/// <summary>Configures how a token is resolved to a user.</summary>
public sealed class SessionOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Sessions";

    /// <summary>
    /// Gets or sets the session store. <c>none</c>: there are no sessions and everyone is anonymous. Otherwise it is the name of a store; a gateway
    /// has <c>mysql</c>. If it is not set, the only store of the node is used; a node without one refuses to start unless it has <c>env=test</c>. On
    /// the command line <c>sessions=</c>.
    /// </summary>
    public string? Mode { get; set; }

    /// <summary>Gets or sets how long a session store may take for one look-up. Default 5 s. After that the store counts as unreachable.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets whether a signed-in user is admitted as anonymous while the store is unreachable, as in the original. Default false: the
    /// connection is closed with 4005.
    /// </summary>
    public bool AnonymousWhenUnavailable { get; set; }

    /// <summary>Gets or sets whether a blocked user is admitted, as in the original. Default false: the connection is closed with 4501.</summary>
    public bool AllowBlocked { get; set; }

    /// <summary>
    /// Gets or sets how often the sessions of open connections are looked up again. Default 1 min; 0: never. The connections of a session
    /// that has ended are closed with 4009, those of a blocked user with 4501.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RecheckInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets whether <see cref="Mode"/> is <c>none</c>.</summary>
    public bool IsNone => string.Equals(Mode, "none", StringComparison.Ordinal);
}
