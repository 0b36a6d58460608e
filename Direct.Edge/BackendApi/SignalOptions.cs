using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.BackendApi;

/// <summary>The HTTP API for backends.</summary>
public sealed class SignalOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Signals";

    /// <summary>
    /// What callers prove themselves by: each key 20 to 512 visible ASCII characters, of which 8 are different. Any of them will do, so
    /// that one can be replaced by another. Read once, at the start; default none. Outside <c>env=test</c> signals are closed while
    /// there is neither a key nor an allowed network.
    /// </summary>
    public IList<string> Keys { get; } = [];

    /// <summary>Networks from which no key is needed, in CIDR form (<c>10.0.0.0/8</c>) or single addresses. Default none.</summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>Whether a caller needs both, a key and an address in an allowed network. Default no: either will do.</summary>
    public bool RequireKeyAndNetwork { get; set; }

    /// <summary>
    /// How many calls from one address (of IPv6 from one /64) may be refused within a minute. Default 20; more: 429 for the rest of
    /// that minute, a right key or not. 0: no limit.
    /// </summary>
    [Range(0, 1_000_000)]
    public int FailedAttemptsPerMinute { get; set; } = 20;

    /// <summary>The longest message of a signal. In bytes of UTF-8; default 64 KiB. Longer: 413.</summary>
    [Range(16, 16 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// Whether a body of <c>application/x-www-form-urlencoded</c> holds parameters. Default yes; no: it is the message itself, like a body of
    /// every other type but JSON.
    /// </summary>
    public bool ReadForms { get; set; } = true;

    /// <summary>The most signals in one JSON array. Default 1,000. More: 413.</summary>
    [Range(1, 100_000)]
    public int MaxBatch { get; set; } = 1_000;

    /// <summary>The longest JSON array. In bytes; default 4 MiB. Longer: 413.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxBatchBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How long an answer waits for gateways that have not acknowledged yet. Default 2 s; then 202.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a signal may wait for its place, and a question about connections for the cluster. Default 6 s; then 503.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan PlaceTimeout { get; set; } = TimeSpan.FromSeconds(6);
}
