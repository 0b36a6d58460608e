namespace Direct.Grains.Liveness;

/// <summary>Casts the votes of this silo about others.</summary>
internal interface IDeathVotes
{
    /// <summary>
    /// Votes that <paramref name="silo"/> is dead, as this silo does when probes of it are missed. The cluster gives it up once there are enough votes: two, or one if
    /// two silos are active. A vote that is repeated counts once. Throws if the membership table cannot be read or written.
    /// </summary>
    Task VoteAsync(SiloAddress silo, CancellationToken cancellationToken);
}
