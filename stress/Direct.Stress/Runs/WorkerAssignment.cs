namespace Direct.Stress.Runs;

/// <summary>Specifies the part of a run that a process has.</summary>
/// <param name="Share">The number of the process, from 0. It has the connections whose numbers leave this remainder.</param>
/// <param name="Processes">The number of processes.</param>
/// <param name="RunId">24 bits that mark the messages of this run.</param>
/// <param name="Epoch">The start of the run in ticks of the machine's monotonic clock, which all its processes share.</param>
internal sealed record WorkerAssignment(int Share, int Processes, uint RunId, long Epoch)
{
    public bool Holds(int number) => number % Processes == Share;
}
