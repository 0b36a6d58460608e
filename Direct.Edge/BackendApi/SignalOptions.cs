using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.BackendApi;

/// <summary>Configures the HTTP API for backends.</summary>
public sealed class SignalOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Signals";

    /// <summary>
    /// Gets the keys of callers: each of 20 to 512 visible ASCII characters, of which 8 are different. Every key is accepted, so that one can be
    /// replaced by another. They are read once, at the start. Default none. Without <c>env=test</c> nobody may signal unless there is a key or an
    /// allowed network.
    /// </summary>
    public IList<string> Keys { get; } = [];

    /// <summary>Gets the networks from which no key is needed, in CIDR form (<c>10.0.0.0/8</c>) or as single addresses. Default none.</summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>Gets or sets whether a caller needs both a key and an address in an allowed network. Default false: either is enough.</summary>
    public bool RequireKeyAndNetwork { get; set; }

    /// <summary>
    /// Gets or sets the number of calls from one address (for IPv6 from one /64) that may be refused within a minute. Default 20. Further calls are
    /// answered 429 for the rest of that minute, even with a correct key. 0: no limit.
    /// </summary>
    [Range(0, 1_000_000)]
    public int FailedAttemptsPerMinute { get; set; } = 20;

    /// <summary>Gets or sets the longest message of a signal, in bytes of UTF-8. Default 64 KiB. A longer one is answered 413.</summary>
    [Range(16, 16 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// Gets or sets whether a body of <c>application/x-www-form-urlencoded</c> contains parameters. Default true. If false, the body is the message,
    /// like a body of any other type except JSON.
    /// </summary>
    public bool ReadForms { get; set; } = true;

    /// <summary>Gets or sets the largest number of signals in one JSON array. Default 1,000. A longer array is answered 413.</summary>
    [Range(1, 100_000)]
    public int MaxBatch { get; set; } = 1_000;

    /// <summary>Gets or sets the longest JSON array, in bytes. Default 4 MiB. A longer one is answered 413.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxBatchBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Gets or sets how long an answer waits for gateways that have not acknowledged. Default 2 s; then the answer is 202.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets how long a signal may wait to be accepted, and how long a query about connections may wait for the cluster. Default 6 s; then the
    /// answer is 503.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(6);
}
