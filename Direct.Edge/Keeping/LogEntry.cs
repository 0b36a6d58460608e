using Direct.Keeping;

namespace Direct.Edge.Keeping;

/// <summary>Represents a message of a log.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Origin">What makes two deliveries the same message; empty if no repeat can come any more.</param>
/// <param name="Kept">The message, which may be void.</param>
internal readonly record struct LogEntry(long Offset, Origin Origin, KeptEntry Kept);
