using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;

namespace Direct.Backplane.Specification;

/// <summary>Represents a signal that a sink received, with a copy of its payload from that time.</summary>
public sealed record ReceivedSignal(Topic Topic, Target Target, string Text, string? Id)
{
    public static ReceivedSignal Of(in Signal signal) => new(signal.Topic, signal.Target, Encoding.UTF8.GetString(signal.Payload.Span), signal.Id);
}
