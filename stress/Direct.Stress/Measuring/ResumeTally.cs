namespace Direct.Stress.Measuring;

/// <summary>Counts what clients of direct.2 in one process see besides messages.</summary>
internal sealed class ResumeTally
{
    /// <summary>Gets or sets the number of times that a client has come back and was in all of its rooms again.</summary>
    public long Resumes { get; set; }

    /// <summary>Gets or sets the number of messages that came before the <c>at</c> of their topic.</summary>
    public long Replayed { get; set; }

    /// <summary>Gets or sets the number of <c>gap</c> frames.</summary>
    public long Gaps { get; set; }

    /// <summary>Gets or sets the messages that clients lack at the end.</summary>
    public MissingCount Missing { get; set; }

    /// <summary>Gets the times from the first packet to the last <c>joined</c> of a client that connects for the first time.</summary>
    public Histogram JoinTimes { get; } = new();

    /// <summary>Gets the same times of clients that come back.</summary>
    public Histogram ResumeTimes { get; } = new();
}
