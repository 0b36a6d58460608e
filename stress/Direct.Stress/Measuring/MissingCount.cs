namespace Direct.Stress.Measuring;

/// <summary>Counts accepted messages that have not arrived.</summary>
/// <param name="Lost">Those of which the server has said nothing.</param>
/// <param name="InGaps">Those for which the server has announced a gap.</param>
internal readonly record struct MissingCount(long Lost, long InGaps)
{
    public static MissingCount operator +(MissingCount left, MissingCount right) => new(left.Lost + right.Lost, left.InGaps + right.InGaps);
}
