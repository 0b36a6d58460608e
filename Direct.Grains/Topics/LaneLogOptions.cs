using Direct.Keeping;

namespace Direct.Grains.Topics;

/// <summary>Configures what a silo keeps for clients of <c>direct.2</c> that come back. Gateways read the same section.</summary>
public sealed class LaneLogOptions : KeepLimits
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Keep";

    /// <summary>
    /// Gets or sets how long a lane that starts waits for what gateways keep of it. Default 4 s: after a silo has died, answers of gateways that go through it are
    /// late for almost as long. A gateway that does not answer in time is left out, and some of its clients may be told that they have missed something. At least 0.25 s, and a
    /// second shorter than the time in which gateways must have a signal accepted.
    /// </summary>
    public TimeSpan RecoverFor { get; set; } = TimeSpan.FromSeconds(4);
}
