namespace Direct.Crash.Tests.Load;

/// <summary>Represents the response that a backend received for a signal.</summary>
/// <param name="Status">The HTTP status; 0 when there was no response and the outcome of the signal is unknown.</param>
/// <param name="Pending">The names of gateways that had not acknowledged.</param>
internal sealed record SignalAnswer(int Status, int Delivered, int Gateways, IReadOnlyList<string> Pending)
{
    /// <summary>Represents a missing response: the connection ended, or the timeout passed.</summary>
    public static readonly SignalAnswer None = new(0, 0, 0, []);
}
