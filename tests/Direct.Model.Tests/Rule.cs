namespace Direct.Model.Tests;

/// <summary>Specifies a rule of the mechanism that a world can run without: see docs/internals/resume.md. It is switched off where calls pass between processes, or by a limit.</summary>
public enum Rule
{
    /// <summary>All are in force.</summary>
    None,

    /// <summary>A leader gives a new random id to each epoch.</summary>
    NewEpochIds,

    /// <summary>A leader tells which epochs its log has had, and where they ended.</summary>
    EpochTable,

    /// <summary>A repeat is recognised: the leader gives it its first place, and a gateway that knows its sequence does not show it again.</summary>
    FirstPlace,

    /// <summary>A gateway refuses deliveries of an activation after it has answered a later one.</summary>
    PromisedBallots,

    /// <summary>A new leader reads the log from the gateways.</summary>
    Recovery,

    /// <summary>A new leader continues the log of the last leader, and the longest of several; without it, the shortest.</summary>
    BestAnswer,

    /// <summary>A new leader tells the gateways its log.</summary>
    Install,

    /// <summary>A new leader fills its tail from a gateway.</summary>
    Refill,

    /// <summary>A ring breaks when a message of another leader comes without a place.</summary>
    BreakByUnstamped,

    /// <summary>A message that cannot be visible yet is not acknowledged.</summary>
    HiddenUnacknowledged,

    /// <summary>Members of direct.2 know a repeat by its offset, and not by the sequence of its publisher.</summary>
    OffsetsInsteadOfSequences,

    /// <summary>A gateway asks the leader for what it lacks, before it decides.</summary>
    Pull,

    /// <summary>A leader keeps the end of the log too.</summary>
    Tail,

    /// <summary>A topic is kept for the window after its last connection was lost.</summary>
    Window,

    /// <summary>The topic of all connections is kept by each gateway for its lease.</summary>
    TopicOfAll,

    /// <summary>The answer to a subscription brings the messages of the last seconds, which an older keeper may lack.</summary>
    RecentMessages,

    /// <summary>The answer to a subscription, and that to a recovery, bring what identifies the messages.</summary>
    Headers,

    /// <summary>A gateway without connections of a topic keeps it, when no other does.</summary>
    SecondHolder,

    /// <summary>A silo that stops puts on gateways what none of them has completely.</summary>
    KeepBeforeStop,

    /// <summary>A gateway that drains tells the lanes what it has kept.</summary>
    HandOver,
}
