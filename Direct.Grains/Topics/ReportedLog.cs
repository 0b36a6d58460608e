using Direct.Grains.Gateways;
using Direct.Grains.Links;

namespace Direct.Grains.Topics;

/// <summary>Represents what one gateway has of the log of a topic.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="Report">What it has, which was checked.</param>
internal sealed record ReportedLog(IGatewayLink Gateway, KeptTopicReport Report);
