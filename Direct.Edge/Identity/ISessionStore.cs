namespace Direct.Edge.Identity;

/// <summary>Looks up the sessions of tokens.</summary>
public interface ISessionStore
{
    /// <summary>
    /// Finds the session of a token. It does not throw if the store is down; the result is then <see cref="SessionStatus.Unavailable"/>.
    /// </summary>
    /// <param name="token">
    /// The client's first message, with any content: 1 to <c>Direct:Connections:MaxMessageBytes</c> bytes, not necessarily UTF-8.
    /// </param>
    /// <param name="cancellationToken">Cancelled after <see cref="SessionOptions.Timeout"/>.</param>
    ValueTask<Session> FindAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken);

    /// <summary>
    /// Finds the sessions of many tokens, as they are now, at the cost of one look-up. It is used for open connections. Like <see cref="FindAsync"/>,
    /// it does not throw if the store is down.
    /// </summary>
    /// <param name="tokens">Tokens as above; some may occur twice.</param>
    /// <param name="cancellationToken">Cancelled after <see cref="SessionOptions.Timeout"/>.</param>
    /// <returns>A session for each token, in their order.</returns>
    ValueTask<IReadOnlyList<Session>> FindAllAsync(IReadOnlyList<ReadOnlyMemory<byte>> tokens, CancellationToken cancellationToken);

    /// <summary>
    /// Does the work of the store besides look-ups, from the node's start to its end. It is called once, and only for the store in use.
    /// </summary>
    Task RunAsync(CancellationToken stoppingToken);
}

/// <summary>Specifies the result of looking up a token.</summary>
public enum SessionStatus
{
    /// <summary>The token belongs to a user.</summary>
    Known,

    /// <summary>The token belongs to no user, or no longer does.</summary>
    Unknown,

    /// <summary>The token belongs to a blocked user.</summary>
    Blocked,

    /// <summary>The store cannot answer now.</summary>
    Unavailable,
}

/// <summary>Represents the session of a token.</summary>
/// <param name="Status">The result of the look-up.</param>
/// <param name="UserId">The user if known or blocked; 0 means no user.</param>
public readonly record struct Session(SessionStatus Status, long UserId = 0);
