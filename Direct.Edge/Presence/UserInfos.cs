using Direct.Edge.Identity;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Presence;

/// <summary>Asks the user directory, if there is one, within the time limit of a login.</summary>
internal sealed class UserInfos(IUserDirectory? directory, IOptions<SessionOptions> options, TimeProvider timeProvider)
{
    /// <summary>Gets whether there is a directory.</summary>
    public bool IsKnown => directory is not null;

    /// <summary>Gets the longest time for an answer.</summary>
    public TimeSpan Timeout => options.Value.Timeout;

    /// <summary>Finds the known users; null if the directory cannot answer now.</summary>
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
