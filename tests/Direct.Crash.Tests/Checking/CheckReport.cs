namespace Direct.Crash.Tests.Checking;

/// <summary>What the checker found, and how much it had to look at.</summary>
internal sealed record CheckReport(IReadOnlyList<Violation> Violations)
{
    /// <summary>Pairs of an accepted signal and a connection that had to get it.</summary>
    public long Obligations { get; init; }

    /// <summary>Such pairs excused by the end of the connection.</summary>
    public long EndedBefore { get; init; }

    /// <summary>Answers 200 whose count had only one right value: that of the connections that got the message.</summary>
    public long ExactCounts { get; init; }

    /// <summary>Gets the longest time from an answer that said "taken" to the client, of a gateway that was well.</summary>
    public double LongestDelivery { get; init; }

    /// <summary>Broadcasts that did not reach a connection that was there all the time: nobody was promised anything.</summary>
    public long BroadcastsMissed { get; init; }

    /// <summary>Gets whether connections that must have got something, or were counted, still could get it: it may be on its way.</summary>
    public bool MayBeUnderWay => Violations.Any(static violation => violation.Kind is ViolationKind.WrongCount
        || (violation.Kind is ViolationKind.Lost && violation.Connection!.IsOpen));

    /// <summary>Each kind with its count, and the first few in full.</summary>
    public string Describe(int examples = 5) => string.Join('\n', Violations
        .GroupBy(static violation => violation.Kind)
        .Select(kind => $"{kind.Key}: {kind.Count()}\n  {string.Join("\n  ", kind.Take(examples))}"));
}
