namespace Direct.Compare.Results;

internal enum Verdict
{
    /// <summary>No run of it, or none of what it is measured beside.</summary>
    NotMeasured,

    /// <summary>There is nothing to reach.</summary>
    Stated,

    Missed,

    Reached,

    /// <summary>Reached, and the further figure too.</summary>
    Stretched,
}
