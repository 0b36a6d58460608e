namespace Direct.Sessions.Tests.Rights;

/// <summary>Represents the rows of the four tables from which the platform derives rights.</summary>
internal sealed class PlatformData
{
    public IReadOnlyList<PlatformChannel> Channels { get; init; } = [];

    public IReadOnlyList<PlatformMember> Members { get; init; } = [];

    public IReadOnlyList<PlatformGroup> Groups { get; init; } = [];

    public IReadOnlyList<PlatformUser> Users { get; init; } = [];
}
