namespace Direct.Gateway.Rights;

/// <summary>Represents the answer for one key: a mask, or why the answer cannot be used.</summary>
/// <param name="Mask">The rights; null if the answer cannot be used.</param>
/// <param name="Problem">What was answered instead and what was expected, as text for people; null if there is a mask.</param>
internal readonly record struct FoundRights(long? Mask, string? Problem = null)
{
    /// <summary>Creates the answer from a number.</summary>
    public static FoundRights Of(long mask) =>
        mask >= 0 ? new FoundRights(mask) : Unusable($"the number {mask}, expected 0 or a positive one");

    /// <param name="answer">What was answered and what was expected.</param>
    public static FoundRights Unusable(string answer) => new(null, answer);
}
