using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Checking;

internal enum ViolationKind
{
    /// <summary>An accepted signal did not reach a connection that was in its target all the time.</summary>
    Lost,

    /// <summary>An accepted signal did not reach a connection that meanwhile moved between two rooms that both match the target.</summary>
    LostWhileMoving,

    /// <summary>A connection got a message twice.</summary>
    Duplicate,

    /// <summary>A connection received two messages of one publisher and topic in the wrong order.</summary>
    Reordered,

    /// <summary>A connection received a message that was not addressed to it.</summary>
    WrongTarget,

    /// <summary>A message arrived long after the response that confirmed its delivery.</summary>
    Late,

    /// <summary>A receipt counts fewer connections than received the message, or more than could have received it.</summary>
    WrongCount,
}

/// <summary>Represents a broken guarantee, with its evidence.</summary>
internal sealed record Violation(ViolationKind Kind, SignalRecord Signal, ConnectionRecord? Connection, string Why)
{
    public override string ToString() => $"{Kind}: {Why}\n    {Signal}{(Connection is null ? "" : $"\n    {Connection}")}";
}
