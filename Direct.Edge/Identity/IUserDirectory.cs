namespace Direct.Edge.Identity;

/// <summary>Looks up the names of users. The session store in use may implement it too.</summary>
public interface IUserDirectory
{
    /// <summary>Finds users by their ids. Never throws for a directory that is down: that is null.</summary>
    /// <param name="userIds">At most 1,000, each once; those of strangers are negative.</param>
    /// <param name="cancellationToken">Fires after <see cref="SessionOptions.Timeout"/>.</param>
    /// <returns>The known ones; null if the directory cannot be read now.</returns>
    ValueTask<IReadOnlyDictionary<long, UserInfo>?> FindAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken);
}

/// <summary>What is known about a user; null for what is not known.</summary>
/// <param name="Name">The full name.</param>
/// <param name="Nick">The short name.</param>
/// <param name="Image">The picture, as the application keeps it: most often an address.</param>
public sealed record UserInfo(string? Name, string? Nick, string? Image);
