using Direct.Edge.Connections;
using Direct.Edge.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Identity;

/// <summary>Who a connection is, or why it may not stay.</summary>
internal readonly record struct IdentityResult(long UserId, CloseReason? Refusal = null);

/// <summary>Turns a token into a user id.</summary>
internal sealed partial class IdentityResolver(
    IOptions<NodeOptions> node,
    IOptions<SessionOptions> options,
    ITestIds testIds,
    IEnumerable<ISessionStore> stores,
    TimeProvider timeProvider,
    ILogger<IdentityResolver> logger)
{
    private readonly bool _isTest = node.Value.IsTest;
    private readonly SessionOptions _options = options.Value;
    private readonly ISessionStore? _store = options.Value.IsNone ? null : stores.LastOrDefault();

    /// <summary>Completes at once where no store is asked.</summary>
    /// <param name="token">Read only during the call.</param>
    /// <param name="addressText">What an anonymous id is made of.</param>
    public ValueTask<IdentityResult> ResolveAsync(ReadOnlyMemory<byte> token, string addressText)
    {
        if (_isTest)
        {
            return TestIdAsync();
        }

        return _store is null || token.IsEmpty
            ? ValueTask.FromResult(Anonymous(addressText))
            : FromStoreAsync(_store, token.ToArray(), addressText);
    }

    private async ValueTask<IdentityResult> TestIdAsync() => new(await testIds.NextAsync(CancellationToken.None));

    private async ValueTask<IdentityResult> FromStoreAsync(ISessionStore store, byte[] token, string addressText)
    {
        var session = await FindAsync(store, token);
        return session switch
        {
            { Status: SessionStatus.Blocked, UserId: not 0 } when _options.AllowBlocked => new IdentityResult(session.UserId),
            { Status: SessionStatus.Blocked } => new IdentityResult(0, CloseReason.UserBlocked),
            { Status: SessionStatus.Known, UserId: not 0 } => new IdentityResult(session.UserId),
            { Status: SessionStatus.Unavailable } when !_options.AnonymousWhenUnavailable => new IdentityResult(0, CloseReason.SessionsUnavailable),
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

    private static IdentityResult Anonymous(string addressText) => new(AnonymousId.For(addressText));

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.SessionStoreTimedOut, LogLevel.Warning, "The session store gave no answer within {Timeout}")]
        public static partial void StoreTimedOut(ILogger logger, TimeSpan timeout);
    }
}
