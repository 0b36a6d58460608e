using System.Data.Common;
using Direct.Edge.Rights;
using Direct.Gateway.Lookups;

namespace Direct.Gateway.Rights;

/// <summary>Looks up rights in one place, with one query or call each time.</summary>
internal interface IRightsLookup
{
    /// <summary>Gets where rights are looked up, as text for people. It contains no secret.</summary>
    string Location { get; }

    /// <summary>Finds the rights of many keys: one answer for each, in their order.</summary>
    /// <exception cref="UnusableSourceException">The source answers, but not with rights.</exception>
    /// <exception cref="DbException">The source cannot answer now.</exception>
    /// <exception cref="HttpRequestException">The source cannot answer now.</exception>
    /// <exception cref="TimeoutException">The source did not answer in time.</exception>
    Task<IReadOnlyList<FoundRights>> FindAsync(IReadOnlyList<RightsKey> keys, CancellationToken cancellationToken);
}
