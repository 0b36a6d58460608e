namespace Direct.Stress;

/// <summary>Defines the exit codes of the program.</summary>
internal static class ExitCodes
{
    public const int Good = 0;

    /// <summary>A threshold was missed.</summary>
    public const int Missed = 1;

    /// <summary>There is no report, because of wrong arguments or because nothing could connect.</summary>
    public const int Nothing = 2;
}
