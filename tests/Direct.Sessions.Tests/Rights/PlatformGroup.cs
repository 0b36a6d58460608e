namespace Direct.Sessions.Tests.Rights;

/// <summary>Represents one row of <c>group</c>.</summary>
internal sealed record PlatformGroup(long Id, long? OwnerId);
