namespace Direct.Crash.Tests.Load;

/// <summary>What a backend got for a signal.</summary>
/// <param name="Status">Of HTTP; 0 when there was no answer, and what became of the signal is not known.</param>
/// <param name="Pending">Names of gateways.</param>
internal sealed record SignalAnswer(int Status, int Delivered, int Gateways, IReadOnlyList<string> Pending)
{
    /// <summary>No answer: the connection ended, or time was up.</summary>
    public static readonly SignalAnswer None = new(0, 0, 0, []);
}
