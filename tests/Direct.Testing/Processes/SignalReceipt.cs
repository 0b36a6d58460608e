using System.Net;

namespace Direct.Testing.Processes;

/// <summary>Represents the response to a signal. Fields that the response does not contain are null.</summary>
public sealed record SignalReceipt(HttpStatusCode Status, string Body)
{
    public string? Id { get; init; }

    public int? Delivered { get; init; }

    public int? Gateways { get; init; }

    public IReadOnlyList<string> Pending { get; init; } = [];

    /// <summary>Gets the title of the problem when the signal was refused.</summary>
    public string? Title { get; init; }

    public string? Detail { get; init; }

    public string? ContentType { get; init; }

    public override string ToString() => $"{(int)Status} {Body}";
}
