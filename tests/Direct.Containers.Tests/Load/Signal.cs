using System.Diagnostics;

namespace Direct.Containers.Tests.Load;

/// <summary>Represents one message of a backend, which repeats it under the same id until it is accepted.</summary>
internal sealed class Signal(int room, string message)
{
    public int Room => room;

    public string Message => message;

    public long SentAt { get; } = Stopwatch.GetTimestamp();

    /// <summary>Gets the time of the 200 or 202 response; 0 before.</summary>
    public long AcceptedAt { get; private set; }

    /// <summary>Gets whether every gateway had acknowledged the signal by then (200).</summary>
    public bool IsComplete { get; private set; }

    public void Accept(bool isComplete) => (IsComplete, AcceptedAt) = (isComplete, Stopwatch.GetTimestamp());
}
