namespace Direct.Grains.Gateways;

/// <summary>How far a recheck of rights is on a gateway.</summary>
public enum RecheckProgress : byte
{
    /// <summary>It looks up memberships. Repeat the query.</summary>
    Running = 0,

    /// <summary>Every matching membership was looked up, and those without the right have been removed.</summary>
    Complete = 1,

    /// <summary>It has ended, and memberships were not looked up, because the source of rights did not answer.</summary>
    Incomplete = 2,

    /// <summary>The gateway checks no rights.</summary>
    NotChecked = 3,
}

/// <summary>A recheck of rights on one gateway.</summary>
/// <param name="Progress">How far it is.</param>
/// <param name="Checked">The number of memberships that were looked up; 0 while it is running.</param>
/// <param name="Removed">How many of these have been removed.</param>
[GenerateSerializer, Immutable, Alias("direct.recheck-figures")]
public sealed record RecheckFigures(
    [property: Id(0)] RecheckProgress Progress,
    [property: Id(1)] long Checked,
    [property: Id(2)] long Removed);
