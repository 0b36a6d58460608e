namespace Direct.Edge.Keeping;

/// <summary>Identifies an activation that leads the logs of a lane. A node only compares it for equality; who leads is decided by the cluster.</summary>
/// <param name="Number">The number of its ballot.</param>
/// <param name="Activation">The random id of the activation.</param>
internal readonly record struct LeaderBallot(long Number, Guid Activation);
