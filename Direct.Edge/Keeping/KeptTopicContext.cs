using Direct.Edge.Diagnostics;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Keeping;

namespace Direct.Edge.Keeping;

/// <summary>Holds the services that the kept topics of one node share.</summary>
/// <param name="Index">Delivers their messages.</param>
/// <param name="Budget">Bounds what they keep together.</param>
/// <param name="Wheel">Ends those that nothing holds.</param>
/// <param name="BytesPerTopic">The bytes that each may keep.</param>
/// <param name="RemembersIdsFor">How long the ids of signals are remembered.</param>
/// <param name="Metrics">Counts gaps.</param>
/// <param name="Users">Groups those of users; null unless this node is a keeper.</param>
/// <param name="Retired">Removes one that has retired. It is called outside its lock.</param>
internal sealed record KeptTopicContext(
    TopicIndex Index,
    KeepBudget Budget,
    DeadlineWheel Wheel,
    int BytesPerTopic,
    TimeSpan RemembersIdsFor,
    GatewayMetrics Metrics,
    KeptUsers? Users,
    Action<KeptTopic> Retired);
