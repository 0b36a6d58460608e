using System.Data.Common;

namespace Direct.Gateway.Sessions;

/// <summary>The database answers, but has not the tables that it should have.</summary>
internal sealed class SessionTableException(string message) : DbException(message);
