namespace Direct.Crash.Tests.Histories;

/// <summary>Records the signals of publishers.</summary>
internal interface ISignalHistory
{
    /// <summary>Returns the number of a new stream of signals to <paramref name="aim"/>.</summary>
    int AddStream(Aim aim);

    /// <summary>Records a signal before it is sent for the first time.</summary>
    SignalRecord Add(SignalRecord signal);

    /// <summary>Records that a signal is not sent again: it was accepted, or its publisher has given up.</summary>
    void Conclude(SignalRecord signal);
}
