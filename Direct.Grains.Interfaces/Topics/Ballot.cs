namespace Direct.Grains.Topics;

/// <summary>
/// Orders the activations of one lane that lead its logs. A gateway that has answered one refuses everything of a lower one, as in phase 1 of Paxos.
/// No ballot is lower than every ballot.
/// </summary>
/// <param name="Number">Milliseconds of the wall clock since 1970 for the first try of an activation; higher for each further try.</param>
/// <param name="Activation">The random id of the activation, which is the epoch of its <see cref="PublishAnswer"/>.</param>
[GenerateSerializer, Immutable, Alias("direct.ballot")]
public sealed record Ballot([property: Id(0)] long Number, [property: Id(1)] Guid Activation) : IComparable<Ballot>
{
    /// <summary>Specifies the highest number that a gateway promises, far above that of any clock, so that there is always a higher one to try.</summary>
    public const long MaxNumber = long.MaxValue / 2;

    /// <inheritdoc />
    public int CompareTo(Ballot? other) => other is null ? 1 : (Number, Activation).CompareTo((other.Number, other.Activation));

    /// <summary>Returns whether the first is lower.</summary>
    public static bool operator <(Ballot? left, Ballot? right) => Comparer<Ballot>.Default.Compare(left, right) < 0;

    /// <summary>Returns whether the first is higher.</summary>
    public static bool operator >(Ballot? left, Ballot? right) => Comparer<Ballot>.Default.Compare(left, right) > 0;

    /// <summary>Returns whether the first is not higher.</summary>
    public static bool operator <=(Ballot? left, Ballot? right) => !(left > right);

    /// <summary>Returns whether the first is not lower.</summary>
    public static bool operator >=(Ballot? left, Ballot? right) => !(left < right);
}
