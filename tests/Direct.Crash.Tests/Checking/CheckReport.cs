namespace Direct.Crash.Tests.Checking;

/// <summary>Represents the violations that the checker found, and how many facts it checked.</summary>
internal sealed record CheckReport(IReadOnlyList<Violation> Violations)
{
    /// <summary>Gets the number of pairs of an accepted signal and a connection that had to receive it.</summary>
    public long Obligations { get; init; }

    /// <summary>Gets the number of such pairs that the end of the connection excuses.</summary>
    public long EndedBefore { get; init; }

    /// <summary>Gets the number of 200 responses whose count had only one correct value: the number of connections that received the message.</summary>
    public long ExactCounts { get; init; }

    /// <summary>Gets the longest time in seconds from a response that confirmed delivery to the arrival at the client, for gateways without a fault.</summary>
    public double LongestDelivery { get; init; }

    /// <summary>Gets the number of broadcasts that an open connection in the target did not receive. Broadcasts carry no delivery promise.</summary>
    public long BroadcastsMissed { get; init; }

    /// <summary>Gets whether some violations may still resolve because messages are under way to connections that have to receive them or were counted.</summary>
    public bool MayBeUnderWay => Violations.Any(static violation => violation.Kind is ViolationKind.WrongCount
        || (violation.Kind is ViolationKind.Lost && violation.Connection!.IsOpen));

    /// <summary>Returns each kind of violation with its count, and the first examples in full.</summary>
    public string Describe(int examples = 5) => string.Join('\n', Violations
        .GroupBy(static violation => violation.Kind)
        .Select(kind => $"{kind.Key}: {kind.Count()}\n  {string.Join("\n  ", kind.Take(examples))}"));
}
