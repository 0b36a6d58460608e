using System.Diagnostics;

namespace Direct.Containers.Tests.Load;

/// <summary>Represents one WebSocket of a browser, from the time at which its join is in force.</summary>
internal sealed class Session(int room, Entry entry)
{
    public int Room => room;

    public Entry Entry => entry;

    public long ConfirmedAt { get; } = Stopwatch.GetTimestamp();

    /// <summary>Gets the time at which the browser saw the end; long.MaxValue while it is open.</summary>
    public long ClosedAt { get; private set; } = long.MaxValue;

    /// <summary>Gets the code of the close frame; 0 when there was none.</summary>
    public int CloseCode { get; private set; }

    /// <summary>Gets how often each message was received.</summary>
    public Dictionary<string, int> Received { get; } = [];

    public void Receive(string message)
    {
        lock (Received)
        {
            Received[message] = Received.GetValueOrDefault(message) + 1;
        }
    }

    public void End(int closeCode) => (CloseCode, ClosedAt) = (closeCode, Stopwatch.GetTimestamp());

    public int CountOf(string message)
    {
        lock (Received)
        {
            return Received.GetValueOrDefault(message);
        }
    }

    public override string ToString() => $"a browser in room {room}, {(ClosedAt == long.MaxValue ? "open" : $"closed {CloseCode}")}";
}
