namespace Direct.Edge.Topics;

/// <summary>Specifies which members of a topic a message is for.</summary>
internal enum Audience
{
    /// <summary>The members of both dialects.</summary>
    Both,

    /// <summary>The members of the original dialect, because the topic had no other one when the message was accepted.</summary>
    Original,

    /// <summary>The members that speak <c>direct.2</c>, because the others have received it, or will not.</summary>
    Direct2,
}
