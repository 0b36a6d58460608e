namespace Direct.Edge.Identity;

/// <summary>Looks up the names of users. The session store in use may implement it too.</summary>
public interface IUserDirectory
{
    /// <summary>Finds users by their ids. It does not throw if the directory is down; the result is then null.</summary>
    /// <param name="userIds">At most 1,000, each once; those of anonymous users are negative.</param>
    /// <param name="cancellationToken">Cancelled after <see cref="SessionOptions.Timeout"/>.</param>
    /// <returns>The known users; null if the directory cannot be read now.</returns>
    ValueTask<IReadOnlyDictionary<long, UserInfo>?> FindAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken);
}

/// <summary>Represents what is known about a user. Members that are not known are null.</summary>
/// <param name="Name">The full name.</param>
/// <param name="Nick">The short name.</param>
/// <param name="Image">The picture, as the application stores it; usually an address.</param>
public sealed record UserInfo(string? Name, string? Nick, string? Image);
