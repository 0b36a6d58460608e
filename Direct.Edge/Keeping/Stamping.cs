using Direct.Keeping;

namespace Direct.Edge.Keeping;

/// <summary>Represents what the leader of a lane has said of a message that it has sent.</summary>
/// <param name="Stamp">The place of the message in the log of its topic; <see cref="Stamp.None"/> if the leader does not keep the topic.</param>
/// <param name="Ballot">The leader; null if it has none, because it is older or has not recovered.</param>
/// <param name="Origin">What makes two deliveries the same message.</param>
/// <param name="AcknowledgedThrough">The publisher of the message repeats none up to this sequence.</param>
/// <param name="EndedLogs">How many logs of the lane had ended under this leader when it accepted the message.</param>
internal readonly record struct Stamping(Stamp Stamp, LeaderBallot? Ballot, Origin Origin, long AcknowledgedThrough, int EndedLogs = 0);
