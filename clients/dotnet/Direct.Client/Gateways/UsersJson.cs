namespace Direct.Client;

/// <summary>Represents a page of <c>/!direct-users</c>.</summary>
internal sealed record UsersJson(IReadOnlyList<ConnectedUser> Users, string? Next, bool Complete, IReadOnlyList<string> Missing);
