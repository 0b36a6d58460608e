namespace Direct.Edge.Node;

/// <summary>Configures the kind of this node.</summary>
public sealed class NodeOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Node";

    /// <summary>
    /// Gets or sets the environment. <c>test</c>: user ids are 1, 2, 3 … in the order in which tokens arrive, anyone may signal, and limits that a
    /// test would reach are off unless they are set. Any other value means production, which is the default. On the command line <c>env=</c>.
    /// </summary>
    public string Environment { get; set; } = "production";

    /// <summary>Gets whether <see cref="Environment"/> is <c>test</c>.</summary>
    public bool IsTest => string.Equals(Environment, "test", StringComparison.Ordinal);
}
