namespace Direct.Client;

/// <summary>Describes why a token is needed.</summary>
/// <param name="IsExpired">
/// Whether the last token is no longer good: the session has ended (4009), or the gateway took the signed-in user for an anonymous one. Then return a new token, not one that was kept.
/// </param>
public readonly record struct DirectTokenRequest(bool IsExpired);
