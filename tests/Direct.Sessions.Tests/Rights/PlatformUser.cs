namespace Direct.Sessions.Tests.Rights;

/// <summary>Represents one row of <c>user</c>.</summary>
internal sealed record PlatformUser(long Id, int? Blocked);
