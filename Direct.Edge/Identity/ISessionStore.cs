namespace Direct.Edge.Identity;

/// <summary>Where tokens are known.</summary>
public interface ISessionStore
{
    /// <summary>
    /// Finds whose token this is. Never throws for a store that is down: that is <see cref="SessionStatus.Unavailable"/>.
    /// </summary>
    /// <param name="token">
    /// The client's first message, whatever it holds: 1 to <c>Direct:Connections:MaxMessageBytes</c> bytes, perhaps not UTF-8.
    /// </param>
    /// <param name="cancellationToken">Fires after <see cref="SessionOptions.Timeout"/>.</param>
    ValueTask<Session> FindAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken);

    /// <summary>
    /// Finds whose tokens these are, as they stand now and at the cost of one look-up: for connections that are open. Throws as little as
    /// <see cref="FindAsync"/>.
    /// </summary>
    /// <param name="tokens">Tokens as above, perhaps some of them twice.</param>
    /// <param name="cancellationToken">Fires after <see cref="SessionOptions.Timeout"/>.</param>
    /// <returns>A session for each token, in their order.</returns>
    ValueTask<IReadOnlyList<Session>> FindAllAsync(IReadOnlyList<ReadOnlyMemory<byte>> tokens, CancellationToken cancellationToken);

    /// <summary>
    /// Does what the store has to do beside look-ups, from the node's start to its end. Called once, and only of the store in use.
    /// </summary>
    Task RunAsync(CancellationToken stoppingToken);
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
