namespace Direct.Stress;

/// <summary>What the program says by its end.</summary>
internal static class ExitCodes
{
    public const int Good = 0;

    /// <summary>A threshold was missed.</summary>
    public const int Missed = 1;

    /// <summary>There is nothing to report: wrong arguments, or nothing could connect.</summary>
    public const int Nothing = 2;
}
