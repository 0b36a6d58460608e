using System.Data.Common;

namespace Direct.Gateway.Lookups;

/// <summary>Reports that a source answers, but its answers cannot be used. The message says what is wrong and what was expected.</summary>
internal class UnusableSourceException(string message) : DbException(message);
