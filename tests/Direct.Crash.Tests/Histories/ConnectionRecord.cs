namespace Direct.Crash.Tests.Histories;

/// <summary>Represents one connection from its token to its end.</summary>
internal sealed class ConnectionRecord(int number, int gateway)
{
    public int Number => number;

    /// <summary>Gets the run of a gateway that it is on.</summary>
    public int Gateway => gateway;

    /// <summary>Gets or sets its user id; 0 while it is not known.</summary>
    public long User { get; set; }

    /// <summary>Gets where it was, in order. The first stay is that of a connection that has joined nothing, and begins with the token.</summary>
    public List<Stay> Stays { get; } = [];

    /// <summary>Gets or sets when it sent its close frame, before the first byte of it.</summary>
    public long LeftAt { get; set; } = Clock.Never;

    /// <summary>Gets or sets when it learnt of its end.</summary>
    public long ClosedAt { get; set; } = Clock.Never;

    /// <summary>Of the close frame; 0 when TCP ended without one.</summary>
    public int CloseCode { get; set; }

    /// <summary>Gets what it got, in order.</summary>
    public List<Received> Received { get; } = [];

    public bool IsOpen => LeftAt == Clock.Never && ClosedAt == Clock.Never;

    /// <summary>Gets whether it was ended by somebody else.</summary>
    public bool WasThrownOut => LeftAt == Clock.Never && ClosedAt != Clock.Never;

    public override string ToString()
    {
        var end = IsOpen ? "open" : FormattableString.Invariant($"closed {ClosedAt / 1e6:0.000} code {CloseCode}");
        var left = LeftAt == Clock.Never ? "" : FormattableString.Invariant($", said goodbye {LeftAt / 1e6:0.000}");
        return $"connection {number} (user {User}) on g{gateway}: {string.Join("; ", Stays.TakeLast(4))}; {end}{left}";
    }
}

/// <summary>Represents a time in one group and channel.</summary>
/// <param name="SentAt">Before the first byte of the join left: from then on it may be there.</param>
internal sealed record Stay(long Group, long Channel, long SentAt)
{
    /// <summary>Gets or sets when the pong to the ping after the join came: from then on it is there for sure.</summary>
    public long ConfirmedAt { get; set; } = Clock.Never;

    public override string ToString() => FormattableString.Invariant($"{Group},{Channel} asked {SentAt / 1e6:0.000}")
        + (ConfirmedAt == Clock.Never ? " never confirmed" : FormattableString.Invariant($" in force {ConfirmedAt / 1e6:0.000}"));
}

/// <summary>Represents a message that came in.</summary>
internal readonly record struct Received(SignalKey Key, long At);
