using Direct.Edge.Identity;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Presence;

/// <summary>Asks the user directory, where there is one, for no longer than a login may take.</summary>
internal sealed class UserInfos(IUserDirectory? directory, IOptions<SessionOptions> options, TimeProvider timeProvider)
{
    /// <summary>Gets whether there is a directory.</summary>
    public bool IsKnown => directory is not null;

    /// <summary>Gets the longest time for an answer.</summary>
    public TimeSpan Timeout => options.Value.Timeout;

    /// <summary>Those that are known, or null when that cannot be told now.</summary>
    public async Task<IReadOnlyDictionary<long, UserInfo>?> FindAsync(IReadOnlyCollection<long> userIds)
    {
        using var timeout = new CancellationTokenSource(Timeout, timeProvider);
        try
        {
            return await directory!.FindAsync(userIds, timeout.Token).AsTask().WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
