namespace Direct.Crash.Tests.Histories;

/// <summary>Names one message: its stream (a publisher, or a client that broadcasts) and its number there, from 1, rising.</summary>
internal readonly record struct SignalKey(int Stream, int Number)
{
    public override string ToString() => FormattableString.Invariant($"s{Stream}.{Number}");
}

/// <summary>Represents one message, with every try to send it.</summary>
internal sealed class SignalRecord(SignalKey key, Aim aim, string? id = null)
{
    public SignalKey Key => key;

    public Aim Aim => aim;

    /// <summary>Gets what the backend names it by; null for one that it never repeats.</summary>
    public string? Id => id;

    /// <summary>Gets whether a client said it: then there is no answer, and no promise but that of order and of no repeats.</summary>
    public bool IsBroadcast { get; init; }

    /// <summary>In the order they were made; at least one in a history that is complete.</summary>
    public List<Attempt> Attempts { get; } = [];

    public long SentAt => Attempts[0].SentAt;

    /// <summary>Gets the first try that was answered 200 or 202, or null.</summary>
    public Attempt? Accepted => Attempts.Find(static attempt => attempt.IsAccepted);

    public override string ToString() => $"{key} to {aim}{(id is null ? "" : " id " + id)}: {string.Join("; ", Attempts)}";
}

/// <summary>Represents one try to send a message through one gateway.</summary>
/// <param name="Gateway">The run of a gateway that it was sent to.</param>
/// <param name="SentAt">Before the first byte left.</param>
internal sealed record Attempt(int Gateway, long SentAt)
{
    public long AnsweredAt { get; set; } = Clock.Never;

    /// <summary>Of the answer; 0 when there was none.</summary>
    public int Status { get; set; }

    public int Delivered { get; set; }

    public int Gateways { get; set; }

    /// <summary>Gets or sets the runs of gateways that had not acknowledged.</summary>
    public IReadOnlyList<int> Pending { get; set; } = [];

    public bool IsAccepted => Status is 200 or 202;

    public override string ToString() => FormattableString.Invariant($"sent {SentAt / 1e6:0.000} through g{Gateway}, ")
        + (AnsweredAt == Clock.Never ? "no answer" : FormattableString.Invariant($"{Status} at {AnsweredAt / 1e6:0.000} delivered {Delivered}"))
        + (Pending.Count == 0 ? "" : " pending g" + string.Join(" g", Pending));
}
