using Direct.Edge.Backplane;
using Direct.Edge.Topics;

namespace Direct.Cluster.Tests.Models;

/// <summary>Represents a signal that was published.</summary>
/// <param name="Publisher">The publishing gateway.</param>
/// <param name="Number">The ascending number among the signals of the publisher.</param>
/// <param name="Topic">The topic.</param>
/// <param name="PublishedAt">The moment of the call.</param>
internal sealed record ModelSignal(ModelGateway Publisher, int Number, Topic Topic, long PublishedAt)
{
    /// <summary>Gets or sets the final receipt; null until it arrives.</summary>
    public Receipt? Receipt { get; set; }

    /// <summary>Gets or sets the moment of the final receipt.</summary>
    public long ReceiptAt { get; set; }

    public override string ToString() => $"{Publisher.Process.Name}/{Number} to {Topic}";
}
