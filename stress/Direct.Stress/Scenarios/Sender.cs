using System.Numerics;
using Direct.Stress.Measuring;

namespace Direct.Stress.Scenarios;

/// <summary>Tracks a connection that sends, and which of its messages have reached its room.</summary>
/// <param name="isConfirmed">Whether the server says which messages it has accepted.</param>
internal sealed class Sender(StressConnection connection, int window, bool isConfirmed)
{
    // Twice the window, so that a late arrival of an old message is not counted for a new one.
    private readonly int[] _reached = new int[BitOperations.RoundUpToPowerOf2((uint)window * 2)];
    private uint _oldest = 1;

    private StressConnection _connection = connection;

    public StressConnection Connection
    {
        get => _connection;
        set
        {
            _connection = value;
            Awaited = 0; // answers came to the one before
        }
    }

    public int Room => _connection.Room;

    public uint Sequence { get; private set; }

    public bool IsConfirmed => isConfirmed;

    /// <summary>Gets the number of messages whose acceptance is awaited.</summary>
    public int Awaited { get; private set; }

    /// <summary>Gets the messages of which the server has not said that it has accepted them. It always is empty if nothing is confirmed.</summary>
    public NumberRanges Unaccepted { get; } = new();

    /// <summary>Gets the number of messages that have not reached everyone.</summary>
    public int UnderWay { get; private set; }

    public bool MaySend => UnderWay < window && _connection.State is ConnectionState.Ready;

    public long LastProgress { get; set; }

    public uint Next()
    {
        Sequence++;
        UnderWay++;
        _reached[Sequence & (_reached.Length - 1)] = 0;
        if (isConfirmed)
        {
            Awaited++;
            Unaccepted.Add(Sequence, Sequence);
        }

        return Sequence;
    }

    /// <summary>Records the server's answer to a message.</summary>
    public void Answered(uint sequence, bool isAccepted)
    {
        Awaited--;
        if (isAccepted)
        {
            Unaccepted.Remove(sequence);
        }
    }

    /// <summary>Records that one more member has received a message. Returns whether it was the last one.</summary>
    public bool Reached(uint sequence, int members)
    {
        if (sequence < _oldest || Sequence - sequence >= _reached.Length || ++_reached[sequence & (_reached.Length - 1)] != members)
        {
            return false;
        }

        UnderWay--;
        return true;
    }

    /// <summary>Records that a member has gone. Messages that only this member lacked have reached everyone now.</summary>
    public void MemberLeft(int members)
    {
        var first = Math.Max(_oldest, Sequence >= _reached.Length ? Sequence - (uint)_reached.Length + 1 : 1);
        for (var sequence = first; sequence <= Sequence && members > 0; sequence++)
        {
            UnderWay -= _reached[sequence & (_reached.Length - 1)] == members ? 1 : 0;
        }
    }

    /// <summary>Gives up the messages in flight.</summary>
    public void Restart()
    {
        UnderWay = 0;
        _oldest = Sequence + 1;
    }
}
