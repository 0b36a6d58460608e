namespace Direct.Compare.Servers;

/// <summary>Reports that something could not be started or read. The message is for the reader of the report.</summary>
internal sealed class CompareException(string message) : Exception(message);
