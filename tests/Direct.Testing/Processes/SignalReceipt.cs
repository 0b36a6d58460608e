using System.Net;

namespace Direct.Testing.Processes;

/// <summary>What a backend is told. Fields that the answer does not hold are null.</summary>
public sealed record SignalReceipt(HttpStatusCode Status, string Body)
{
    public string? Id { get; init; }

    public int? Delivered { get; init; }

    public int? Gateways { get; init; }

    public IReadOnlyList<string> Pending { get; init; } = [];

    /// <summary>Of a refusal: what kind, and what exactly.</summary>
    public string? Title { get; init; }

    public string? Detail { get; init; }

    public string? ContentType { get; init; }

    public override string ToString() => $"{(int)Status} {Body}";
}
