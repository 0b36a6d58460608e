using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Checking;

internal enum ViolationKind
{
    /// <summary>An accepted signal did not reach a connection that was there all the time.</summary>
    Lost,

    /// <summary>The same, to a connection that moved meanwhile from one place to another that both match.</summary>
    LostWhileMoving,

    /// <summary>A connection got a message twice.</summary>
    Duplicate,

    /// <summary>A connection got two messages of one publisher and topic the wrong way round.</summary>
    Reordered,

    /// <summary>A connection got what was never meant for it.</summary>
    WrongTarget,

    /// <summary>It came, but long after the answer that said it was taken.</summary>
    Late,

    /// <summary>A receipt counts fewer connections than got it, or more than were there.</summary>
    WrongCount,
}

/// <summary>Represents a promise that was broken, with what shows it.</summary>
internal sealed record Violation(ViolationKind Kind, SignalRecord Signal, ConnectionRecord? Connection, string Why)
{
    public override string ToString() => $"{Kind}: {Why}\n    {Signal}{(Connection is null ? "" : $"\n    {Connection}")}";
}
