namespace Direct.Edge.Identity;

/// <summary>Where tokens are known.</summary>
public interface ISessionStore
{
    /// <summary>Finds whose token this is. Never throws for a store that is down: that is <see cref="SessionStatus.Unavailable"/>.</summary>
    /// <param name="token">The client's first message, whatever it holds: 0 to <c>Direct:Connections:MaxMessageBytes</c> bytes, perhaps not UTF-8.</param>
    /// <param name="cancellationToken">Fires after <see cref="SessionOptions.Timeout"/>.</param>
    ValueTask<Session> FindAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken);
}

/// <summary>What a store knows of a token.</summary>
public enum SessionStatus
{
    /// <summary>It belongs to a user.</summary>
    Known,

    /// <summary>It belongs to nobody, or no longer.</summary>
    Unknown,

    /// <summary>It belongs to a user who is blocked.</summary>
    Blocked,

    /// <summary>The store cannot tell now.</summary>
    Unavailable,
}

/// <summary>A token's session.</summary>
/// <param name="Status">What the store knows.</param>
/// <param name="UserId">The user when known or blocked; 0 counts as nobody.</param>
public readonly record struct Session(SessionStatus Status, long UserId = 0);
