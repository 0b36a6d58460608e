using System.Data.Common;
using Direct.Edge.Identity;

namespace Direct.Gateway.Sessions;

/// <summary>The database, one query a call. Tokens are written as upper-case hexadecimal digits of their bytes.</summary>
internal interface ISessionDatabase
{
    /// <summary>Server and database, for people.</summary>
    string Location { get; }

    /// <summary>Finds whose tokens these are: a session for each, in their order.</summary>
    /// <exception cref="DbException">It cannot tell now.</exception>
    Task<IReadOnlyList<Session>> FindAsync(IReadOnlyList<string> tokens, CancellationToken cancellationToken);

    /// <summary>Finds what is known of these users: at most a thousand, each once.</summary>
    /// <exception cref="DbException">It cannot tell now.</exception>
    Task<IReadOnlyDictionary<long, UserInfo>> FindUsersAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);

    /// <summary>Returns when the database answers and its tables can be read, as they are now.</summary>
    /// <exception cref="SessionTableException">Its tables cannot be read.</exception>
    /// <exception cref="DbException">It cannot tell now.</exception>
    Task CheckAsync(CancellationToken cancellationToken);
}
