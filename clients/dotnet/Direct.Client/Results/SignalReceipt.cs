namespace Direct.Client;

/// <summary>Represents what the cluster answered to one signal.</summary>
public sealed record SignalReceipt
{
    /// <summary>Gets the HTTP status: 200 or 202 if the signal was accepted; in a batch also that of a refusal, such as 409 or 503.</summary>
    public required int Status { get; init; }

    /// <summary>Gets the id of the signal.</summary>
    public required string Id { get; init; }

    /// <summary>Gets how many connections have the message in their queues. 0 is a valid answer: nobody who matches is connected.</summary>
    public int Delivered { get; init; }

    /// <summary>Gets how many gateways hold these connections.</summary>
    public int Gateways { get; init; }

    /// <summary>Gets the names of the gateways that have not answered yet (202). Each will take the message, close its connections, or refuse the id. Do not repeat the signal.</summary>
    public IReadOnlyList<string> Pending { get; init; } = [];

    /// <summary>Gets whether the message is kept for clients that reconnect. Null if the gateway does not say.</summary>
    public bool? Kept { get; init; }

    /// <summary>Gets why the signal was refused. Null if it was accepted.</summary>
    public string? Detail { get; init; }

    /// <summary>Gets whether the cluster has accepted the signal (200 or 202).</summary>
    public bool IsAccepted => Status is 200 or 202;
}
