using System.Data.Common;

namespace Direct.Gateway.Sessions;

/// <summary>The database answers, but its tables are not those that can be read. The message names the column and what it must be.</summary>
internal sealed class SessionTableException(string message) : DbException(message);
