using Direct.Edge.Topics;
using Direct.Model.Tests.Processes;

namespace Direct.Model.Tests.Checks;

/// <summary>Represents a message that a backend has sent, perhaps through several gateways.</summary>
/// <param name="Number">Its number in the run, which its text begins with.</param>
/// <param name="Part">The part that names its topic.</param>
/// <param name="Target">Whom it is for.</param>
/// <param name="Id">Its id; null if it has none.</param>
/// <param name="SentAt">The moment of the first call.</param>
internal sealed record ModelMessage(int Number, string Part, Target Target, string? Id, long SentAt)
{
    /// <summary>Gets the gateways that have said that the cluster has accepted it.</summary>
    public List<ModelGateway> AcceptedBy { get; } = [];

    /// <summary>Gets or sets whether a gateway has said that all gateways have received it.</summary>
    public bool IsCompleted { get; set; }

    /// <summary>
    /// Gets whether it must arrive. If its publisher and a silo end together, it may be lost although it was accepted, unless all gateways have received it.
    /// </summary>
    public bool MustArrive(bool afterOneFailure) => afterOneFailure ? AcceptedBy.Count > 0 : IsCompleted || AcceptedBy.Exists(static gateway => gateway.Process.IsAlive);

    public override string ToString() => $"message {Number} to {Part}{(Id is null ? "" : " with id")}";
}
