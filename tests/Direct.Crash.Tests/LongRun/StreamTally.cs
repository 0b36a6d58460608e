using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.LongRun;

/// <summary>Counts the signals of one publisher in five bytes each. Only the publisher writes; clients read what is known of earlier signals than theirs.</summary>
internal sealed class StreamTally(Aim aim)
{
    // Enough to show what happened to a signal that is missing.
    private const int Remembered = 16;

    private readonly SignalRecord?[] _last = new SignalRecord[Remembered];
    private volatile bool[] _accepted = new bool[1024];
    private int _sent;

    public Aim Aim => aim;

    public string TopicPart { get; } = aim.TopicPart;

    /// <summary>Gets the number of the last signal.</summary>
    public int Sent => Volatile.Read(ref _sent);

    public void Add(SignalRecord signal)
    {
        var number = signal.Key.Number;
        if (number >= _accepted.Length)
        {
            var larger = _accepted;
            Array.Resize(ref larger, number * 2);
            _accepted = larger;
        }

        _last[number % Remembered] = signal;
        Volatile.Write(ref _sent, number);
    }

    public void Accept(int number) => _accepted[number] = true;

    /// <summary>Returns whether a signal was accepted. It must be an earlier one than the last of the stream, or the stream must have ended.</summary>
    public bool IsAccepted(int number) => _accepted[number];

    /// <summary>Returns what is known of a signal.</summary>
    public string Describe(int number) => _last[number % Remembered] is { } signal && signal.Key.Number == number ? $"{signal}" : $"number {number} to {Aim}";
}
