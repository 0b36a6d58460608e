namespace Direct.Client;

/// <summary>Specifies which gateways <c>DirectSignals</c> calls, and for how long it tries.</summary>
public sealed class DirectSignalsOptions
{
    /// <summary>
    /// Gets the addresses of the gateways, such as <c>http://10.0.0.8:8085</c>: where they serve the signal API, which is the management port if there is one. At least one is
    /// required. A call goes to the gateway that answered last; after a failure, the next try goes to the next one.
    /// </summary>
    public IList<Uri> Gateways { get; } = [];

    /// <summary>Gets or sets the key (<c>Direct:Signals:Keys</c> of the gateways). It is sent in a header and never logged. Null if callers need none.</summary>
    public string? Key { get; set; }

    /// <summary>Gets or sets how long one try waits for its answer. A gateway answers within about 8 s. Default: 10 s.</summary>
    public TimeSpan TryTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets how long a call takes at most, with all tries and the waits between them. At most 5 minutes, because gateways remember ids for that long. Default: 60 s.
    /// </summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how many signals one request of a batch has at most (<c>Direct:Signals:MaxBatch</c> of the gateways). Default: 1,000.</summary>
    public int MaxBatch { get; set; } = 1000;

    /// <summary>Gets or sets how many bytes one request of a batch has at most (<c>Direct:Signals:MaxBatchBytes</c> of the gateways). Default: 4 MiB.</summary>
    public int MaxBatchBytes { get; set; } = 4 * 1024 * 1024;
}
