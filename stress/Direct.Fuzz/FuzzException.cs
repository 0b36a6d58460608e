namespace Direct.Fuzz;

/// <summary>Reports that a parser differs from its reference, or did something that no input may cause.</summary>
internal sealed class FuzzException(string message) : Exception(message);
