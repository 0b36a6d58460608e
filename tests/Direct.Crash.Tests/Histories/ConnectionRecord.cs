namespace Direct.Crash.Tests.Histories;

/// <summary>Records one connection from its token to its end.</summary>
internal sealed class ConnectionRecord(int number, int gateway)
{
    public int Number => number;

    /// <summary>Gets the run of the gateway that holds the connection.</summary>
    public int Gateway => gateway;

    /// <summary>Gets or sets its user id; 0 while it is not known.</summary>
    public long User { get; set; }

    /// <summary>Gets the stays of the connection in order. The first begins with the token, when the connection has joined nothing.</summary>
    public List<Stay> Stays { get; } = [];

    /// <summary>Gets or sets the time just before the client sent the first byte of its close frame.</summary>
    public long LeftAt { get; set; } = Clock.Never;

    /// <summary>Gets or sets the time at which the client saw the end of the connection.</summary>
    public long ClosedAt { get; set; } = Clock.Never;

    /// <summary>Gets or sets the code of the close frame; 0 when TCP ended without one.</summary>
    public int CloseCode { get; set; }

    /// <summary>Gets the received messages in order.</summary>
    public List<Received> Received { get; } = [];

    public bool IsOpen => LeftAt == Clock.Never && ClosedAt == Clock.Never;

    /// <summary>Gets whether the connection ended without a close by the client.</summary>
    public bool WasThrownOut => LeftAt == Clock.Never && ClosedAt != Clock.Never;

    public override string ToString()
    {
        var end = IsOpen ? "open" : FormattableString.Invariant($"closed {ClosedAt / 1e6:0.000} code {CloseCode}");
        var left = LeftAt == Clock.Never ? "" : FormattableString.Invariant($", said goodbye {LeftAt / 1e6:0.000}");
        return $"connection {number} (user {User}) on g{gateway}: {string.Join("; ", Stays.TakeLast(4))}; {end}{left}";
    }
}

/// <summary>Represents a stay of a connection in one group and channel.</summary>
/// <param name="SentAt">The time before the first byte of the join was sent: from then on the connection may be in the room.</param>
internal sealed record Stay(long Group, long Channel, long SentAt)
{
    /// <summary>Gets or sets when the pong to the ping after the join arrived: from then on the connection certainly is in the room.</summary>
    public long ConfirmedAt { get; set; } = Clock.Never;

    public override string ToString() => FormattableString.Invariant($"{Group},{Channel} asked {SentAt / 1e6:0.000}")
        + (ConfirmedAt == Clock.Never ? " never confirmed" : FormattableString.Invariant($" in force {ConfirmedAt / 1e6:0.000}"));
}

/// <summary>Represents a received message.</summary>
internal readonly record struct Received(SignalKey Key, long At);
