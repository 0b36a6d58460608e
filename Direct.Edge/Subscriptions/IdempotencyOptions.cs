using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Subscriptions;

/// <summary>Configures how long and how many ids of signals are remembered.</summary>
public sealed class IdempotencyOptions
{
    /// <summary>Specifies the section of these options in the configuration, which is also that of the signals.</summary>
    public const string SectionName = "Direct:Signals";

    /// <summary>Gets or sets how long the id of a signal is remembered, so that a repeat delivers nothing. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan IdempotencyWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets or sets the number of ids that are remembered. When there is no room for another, this gateway refuses a signal with a new id, and the
    /// answer is 503. Default 1,000,000 (about 200 MB when full). As many ids of clients that speak <c>direct.2</c> are remembered besides.
    /// </summary>
    [Range(1, 100_000_000)]
    public int MaxRememberedIds { get; set; } = 1_000_000;

    /// <summary>
    /// Gets or sets how many ids are remembered for each user whose clients speak <c>direct.2</c>. A client that sends more receives an error. Default 1,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxRememberedIdsPerUser { get; set; } = 1_000;
}
