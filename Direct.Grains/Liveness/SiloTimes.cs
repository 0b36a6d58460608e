namespace Direct.Grains.Liveness;

/// <summary>
/// Specifies how soon the cluster gives up a silo that is silent, and how soon that silo stops by itself. A silo that is cut off must have stopped before others go on
/// without it: docs/internals/cluster.md, "Why a silo has stopped in time", has the sums.
/// </summary>
internal static class SiloTimes
{
    /// <summary>The number of probes in a row that a silo must miss.</summary>
    public const int MissedProbes = 3;

    /// <summary>
    /// The shortest time that a probe waits for its answer, and between two probes. If there is a connection with the silo, it must also have been silent for
    /// <see cref="GivenUpAfter"/>.
    /// </summary>
    public static readonly TimeSpan ShortestProbe = TimeSpan.FromSeconds(1);

    /// <summary>The longest time that a probe waits for its answer.</summary>
    public static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(1.5);

    /// <summary>The silence after which a silo may be given up.</summary>
    public static readonly TimeSpan GivenUpAfter = LongestProbe * MissedProbes;

    /// <summary>The age of the last answered poll of the registry, counted from its start, from which a silo is fenced.</summary>
    public static readonly TimeSpan FenceAfter = TimeSpan.FromSeconds(1.2);

    /// <summary>
    /// How long the grains of a silo that was given up are not started elsewhere. Longer than <see cref="FenceAfter"/> by the time that the news takes to
    /// reach the registry's silo, and as long as silos of 0.1.0 serve without an answer.
    /// </summary>
    public static readonly TimeSpan HoldFor = TimeSpan.FromSeconds(1.5);

    /// <summary>How long a registry that can read no table believes a gateway that has asked it: so that a silo that relies on it is fenced in time.</summary>
    public static readonly TimeSpan WitnessFor = GivenUpAfter + HoldFor - FenceAfter;
}
