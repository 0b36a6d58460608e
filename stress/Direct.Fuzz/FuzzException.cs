namespace Direct.Fuzz;

/// <summary>A parser did something other than its reference, or something that no input may cause.</summary>
internal sealed class FuzzException(string message) : Exception(message);
