namespace Direct.Client;

/// <summary>Specifies what failed in the client itself.</summary>
public enum DirectFailure
{
    /// <summary>As many broadcasts wait as <see cref="DirectConnectionOptions.MaxPendingSays"/> allows. Nothing was sent.</summary>
    QueueFull,

    /// <summary>The connection was lost before the broadcast was confirmed, and a repeat could be delivered twice. It may have been delivered.</summary>
    Uncertain,

    /// <summary>The broadcast was not confirmed within <see cref="DirectConnectionOptions.SayTimeout"/>. It may have been delivered.</summary>
    TimedOut,

    /// <summary>The room was left by <see cref="DirectConnection.LeaveAsync"/>. A broadcast to it may have been delivered.</summary>
    RoomLeft,

    /// <summary>The connection was disposed. A broadcast that was waiting may have been delivered.</summary>
    Disposed,
}
