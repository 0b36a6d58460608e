namespace Direct.Edge.Lifetime;

/// <summary>Represents the result of checking the rights of members again.</summary>
/// <param name="Checked">The number of memberships of connections in rooms that were looked up.</param>
/// <param name="Removed">How many of them were ended because the user has no right to read.</param>
/// <param name="IsComplete">Whether every membership was looked up; if not, the source could not answer.</param>
internal readonly record struct RecheckResult(long Checked, long Removed, bool IsComplete);
