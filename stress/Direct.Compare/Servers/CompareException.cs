namespace Direct.Compare.Servers;

/// <summary>Something that had to be started or read did not work; the message says what, for whoever reads the report.</summary>
internal sealed class CompareException(string message) : Exception(message);
