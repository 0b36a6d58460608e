namespace Direct.Compare.Results;

internal enum Verdict
{
    /// <summary>There was no run of the server, or none of the baseline.</summary>
    NotMeasured,

    /// <summary>There is no figure to reach.</summary>
    Stated,

    Missed,

    Reached,

    /// <summary>The figure and the further one were reached.</summary>
    Stretched,
}
