using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Identity;

/// <summary>Represents the user of a connection, or the reason why the connection must be closed.</summary>
/// <param name="UserId">The user, or an anonymous id.</param>
/// <param name="Refusal">The reason to close the connection; null if it is accepted.</param>
/// <param name="Token">The token of a session that is checked again while the connection is open; otherwise null.</param>
/// <param name="IsUnavailable">Whether the session store could not answer, so that the user of the token is not known.</param>
internal readonly record struct IdentityResult(long UserId, CloseReason? Refusal = null, byte[]? Token = null, bool IsUnavailable = false);

/// <summary>Resolves a token to a user id.</summary>
internal sealed partial class IdentityResolver(
    IOptions<NodeOptions> node,
    IOptions<SessionOptions> options,
    ITestIds testIds,
    SessionStoreInUse sessions,
    GatewayMetrics metrics,
    TimeProvider timeProvider,
    ILogger<IdentityResolver> logger)
{
    private readonly bool _isTest = node.Value.IsTest;
    private readonly SessionOptions _options = options.Value;

    /// <summary>Resolves a token. It completes at once if no store is asked.</summary>
    /// <param name="token">The token, which is read only during the call.</param>
    /// <param name="addressText">The text from which an anonymous id is made.</param>
    public ValueTask<IdentityResult> ResolveAsync(ReadOnlyMemory<byte> token, string addressText)
    {
        if (_isTest)
        {
            return TestIdAsync();
        }

        return sessions.Store is not { } store || token.IsEmpty
            ? ValueTask.FromResult(Anonymous(addressText))
            : FromStoreAsync(store, token.ToArray(), addressText);
    }

    private async ValueTask<IdentityResult> TestIdAsync() => new(await testIds.NextAsync(CancellationToken.None));

    private async ValueTask<IdentityResult> FromStoreAsync(ISessionStore store, byte[] token, string addressText)
    {
        var startedAt = timeProvider.GetTimestamp();
        var session = await FindAsync(store, token);
        metrics.SessionLookedUp(Outcome(session.Status), timeProvider.GetElapsedTime(startedAt));
        return session switch
        {
            { Status: SessionStatus.Blocked, UserId: not 0 } when _options.AllowBlocked => User(session, token),
            { Status: SessionStatus.Blocked } => new IdentityResult(0, CloseReason.UserBlocked),
            { Status: SessionStatus.Known, UserId: not 0 } => User(session, token),
            { Status: SessionStatus.Unavailable } => Unavailable(addressText),
            _ => Anonymous(addressText),
        };
    }

    private async Task<Session> FindAsync(ISessionStore store, byte[] token)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, timeProvider);
        try
        {
            return await store.FindAsync(token, timeout.Token).AsTask().WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Log.StoreTimedOut(logger, _options.Timeout);
            return new Session(SessionStatus.Unavailable);
        }
    }

    private IdentityResult User(Session session, byte[] token) =>
        new(session.UserId, Token: _options.RecheckInterval > TimeSpan.Zero ? token : null);

    private IdentityResult Unavailable(string addressText) =>
        (_options.AnonymousWhenUnavailable ? Anonymous(addressText) : new IdentityResult(0, CloseReason.SessionsUnavailable)) with { IsUnavailable = true };

    private static string Outcome(SessionStatus status) => status switch
    {
        SessionStatus.Known => "known",
        SessionStatus.Unknown => "unknown",
        SessionStatus.Blocked => "blocked",
        _ => "unavailable",
    };

    private static IdentityResult Anonymous(string addressText) => new(AnonymousId.For(addressText));

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.SessionStoreTimedOut, LogLevel.Debug, "The session store gave no answer within {Timeout}")]
        public static partial void StoreTimedOut(ILogger logger, TimeSpan timeout);
    }
}
