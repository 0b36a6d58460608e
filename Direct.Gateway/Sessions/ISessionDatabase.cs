using System.Data.Common;
using Direct.Edge.Identity;

namespace Direct.Gateway.Sessions;

/// <summary>Queries the session database, with one query for each call. Tokens are written as upper-case hexadecimal digits of their bytes.</summary>
internal interface ISessionDatabase
{
    /// <summary>Gets the server and the database, as text for people.</summary>
    string Location { get; }

    /// <summary>Finds the sessions of tokens: one for each, in their order.</summary>
    /// <exception cref="DbException">The database cannot answer now.</exception>
    Task<IReadOnlyList<Session>> FindAsync(IReadOnlyList<string> tokens, CancellationToken cancellationToken);

    /// <summary>Finds users: at most a thousand, each once.</summary>
    /// <exception cref="DbException">The database cannot answer now.</exception>
    Task<IReadOnlyDictionary<long, UserInfo>> FindUsersAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);

    /// <summary>Checks that the database answers and that its tables can be read as they are now.</summary>
    /// <exception cref="SessionTableException">The tables cannot be read.</exception>
    /// <exception cref="DbException">The database cannot answer now.</exception>
    Task CheckAsync(CancellationToken cancellationToken);
}
