namespace Direct.Edge.Identity;

/// <summary>Looks tokens up.</summary>
public interface ISessionStore
{
    /// <summary>
    /// Finds whose token this is. Never throws for a store that is down: that is <see cref="SessionStatus.Unavailable"/>.
    /// </summary>
    /// <param name="token">
    /// The client's first message, of any content: 1 to <c>Direct:Connections:MaxMessageBytes</c> bytes, perhaps not UTF-8.
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
    /// Does the work of the store besides look-ups, from the node's start to its end. Called once, and only for the store in use.
    /// </summary>
    Task RunAsync(CancellationToken stoppingToken);
}

/// <summary>The result of looking up a token.</summary>
public enum SessionStatus
{
    /// <summary>It belongs to a user.</summary>
    Known,

    /// <summary>It belongs to no user, or no longer does.</summary>
    Unknown,

    /// <summary>It belongs to a blocked user.</summary>
    Blocked,

    /// <summary>The store cannot tell now.</summary>
    Unavailable,
}

/// <summary>A token's session.</summary>
/// <param name="Status">The result of the look-up.</param>
/// <param name="UserId">The user when known or blocked; 0 counts as nobody.</param>
public readonly record struct Session(SessionStatus Status, long UserId = 0);
