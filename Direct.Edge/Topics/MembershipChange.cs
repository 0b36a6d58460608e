namespace Direct.Edge.Topics;

/// <summary>Says that a member joined or left within a batch.</summary>
/// <param name="Member">The member.</param>
/// <param name="Offset">After how many bytes of the batch.</param>
/// <param name="IsJoin">Whether it joined; else it left.</param>
internal readonly record struct MembershipChange(Membership Member, int Offset, bool IsJoin);
