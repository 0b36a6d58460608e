using Direct.Gateway.Lookups;

namespace Direct.Gateway.Sessions;

/// <summary>Reports that the database answers, but its tables cannot be read. The message names the column and its required type.</summary>
internal sealed class SessionTableException(string message) : UnusableSourceException(message);
