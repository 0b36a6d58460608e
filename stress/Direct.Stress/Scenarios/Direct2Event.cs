namespace Direct.Stress.Scenarios;

/// <summary>Specifies what a frame of a gateway means to a client of direct.2.</summary>
internal enum Direct2Event
{
    /// <summary>Nothing has to be done.</summary>
    None,

    /// <summary>A message of a topic that is live.</summary>
    Message,

    /// <summary>A message that the client has missed.</summary>
    Replay,

    Gap,

    /// <summary>The last of its rooms is joined.</summary>
    Joined,

    /// <summary>All topics are live.</summary>
    Live,

    /// <summary>A <c>say</c> with a ref was accepted.</summary>
    Accepted,

    /// <summary>A line was refused.</summary>
    Refused,

    /// <summary>The frame is none that a gateway may send to this client.</summary>
    Unexpected,
}
