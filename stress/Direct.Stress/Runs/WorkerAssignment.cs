namespace Direct.Stress.Runs;

/// <summary>Which part of a run a process has.</summary>
/// <param name="Share">Its number, from 0: it has the connections whose numbers leave this remainder.</param>
/// <param name="Processes">How many there are.</param>
/// <param name="RunId">24 bits that mark the messages of this run.</param>
/// <param name="Epoch">When the run began, in ticks of the machine's monotonic clock, which all its processes share.</param>
internal sealed record WorkerAssignment(int Share, int Processes, uint RunId, long Epoch)
{
    public bool Holds(int number) => number % Processes == Share;
}
