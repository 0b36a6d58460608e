namespace Direct.Client;

/// <summary>Represents the connections of one user in one room.</summary>
/// <param name="User">The user id. Anonymous users have negative ids.</param>
/// <param name="Group">The group.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Connections">How many connections the user has there, over all gateways.</param>
/// <param name="Name">The user's name in the user table. Null if it was not requested or has no value.</param>
/// <param name="Nick">The user's nickname in the user table. Null if it was not requested or has no value.</param>
/// <param name="Image">The user's image in the user table. Null if it was not requested or has no value.</param>
public sealed record ConnectedUser(long User, long Group, long Channel, int Connections, string? Name = null, string? Nick = null, string? Image = null);
