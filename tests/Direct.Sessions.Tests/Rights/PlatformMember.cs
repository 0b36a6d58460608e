namespace Direct.Sessions.Tests.Rights;

/// <summary>Represents one row of <c>member</c>.</summary>
internal sealed record PlatformMember(long GroupId, long UserId, string? Roles, int? Block = 0);
