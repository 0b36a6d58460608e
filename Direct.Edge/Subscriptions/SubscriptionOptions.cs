using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Subscriptions;

/// <summary>Configures how long a gateway waits for a subscription, and how long it keeps one without holders.</summary>
public sealed class SubscriptionOptions
{
    /// <summary>Specifies the section of these options in the configuration, which is also that of the connections.</summary>
    public const string SectionName = "Direct:Connections";

    /// <summary>
    /// Gets or sets how long the cluster may take to confirm a join or a login. Default 10 s. After that the connection is closed with 4006.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "00:05:00")]
    public TimeSpan SubscribeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long a topic stays subscribed after its last local connection has left. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan SubscriptionLinger { get; set; } = TimeSpan.FromSeconds(10);
}
