using System.Globalization;

namespace Direct.Crash.Tests.Histories;

/// <summary>Identifies one message by its stream (a publisher, or a client that broadcasts) and its number in the stream, ascending from 1.</summary>
internal readonly record struct SignalKey(int Stream, int Number)
{
    /// <summary>Reads the text that <see cref="ToString"/> returns.</summary>
    public static SignalKey Parse(string text) =>
        text.TrimStart('s').Split('.') is [var stream, var number]
            ? new SignalKey(int.Parse(stream, CultureInfo.InvariantCulture), int.Parse(number, CultureInfo.InvariantCulture))
            : throw new FormatException(text);

    public override string ToString() => FormattableString.Invariant($"s{Stream}.{Number}");
}

/// <summary>Records one message, with every attempt to send it.</summary>
internal sealed class SignalRecord(SignalKey key, Aim aim, string? id = null)
{
    public SignalKey Key => key;

    public Aim Aim => aim;

    /// <summary>Gets the message id that the backend sends; null for a message that it never repeats.</summary>
    public string? Id => id;

    /// <summary>Gets whether a client sent the message. A broadcast has no response, and only the guarantees of order and of no repeats.</summary>
    public bool IsBroadcast { get; init; }

    /// <summary>Gets whether a client of direct.2 sent the message with <c>say</c>. Such ids are separate from those of backends.</summary>
    public bool IsSaid { get; init; }

    /// <summary>Gets the attempts in the order they were made; at least one in a complete history.</summary>
    public List<Attempt> Attempts { get; } = [];

    public long SentAt => Attempts[0].SentAt;

    /// <summary>Gets the first attempt that was answered 200 or 202, or null.</summary>
    public Attempt? Accepted => Attempts.Find(static attempt => attempt.IsAccepted);

    public override string ToString() => $"{key} to {aim}{(id is null ? "" : " id " + id)}: {string.Join("; ", Attempts)}";
}

/// <summary>Records one attempt to send a message through one gateway.</summary>
/// <param name="Gateway">The run of the gateway that the message was sent to.</param>
/// <param name="SentAt">The time before the first byte was sent.</param>
internal sealed record Attempt(int Gateway, long SentAt)
{
    public long AnsweredAt { get; set; } = Clock.Never;

    /// <summary>Gets or sets the status of the response; 0 when there was none.</summary>
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
