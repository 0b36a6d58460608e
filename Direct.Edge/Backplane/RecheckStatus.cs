namespace Direct.Edge.Backplane;

/// <summary>How far a recheck of rights is on a gateway.</summary>
public enum RecheckState : byte
{
    /// <summary>It looks up memberships.</summary>
    Running = 0,

    /// <summary>Every matching membership was looked up, and those without the right have been removed.</summary>
    Complete = 1,

    /// <summary>It has ended, and memberships were not looked up, because the source of rights did not answer.</summary>
    Incomplete = 2,

    /// <summary>The gateway checks no rights.</summary>
    NotChecked = 3,
}

/// <summary>A recheck of rights on one gateway, in reply to <see cref="ClusterQueryKind.Recheck"/>.</summary>
/// <param name="State">How far it is.</param>
/// <param name="Checked">The number of memberships that were looked up; 0 while it is running.</param>
/// <param name="Removed">How many of these have been removed.</param>
public sealed record RecheckStatus(RecheckState State, long Checked = 0, long Removed = 0);
