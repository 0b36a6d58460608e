namespace Direct.Stress;

/// <summary>Defines the exit codes of the program.</summary>
internal static class ExitCodes
{
    public const int Good = 0;

    /// <summary>Means that a threshold was missed.</summary>
    public const int Missed = 1;

    /// <summary>Means that there is no report, because of wrong arguments or because nothing could connect.</summary>
    public const int Nothing = 2;
}
