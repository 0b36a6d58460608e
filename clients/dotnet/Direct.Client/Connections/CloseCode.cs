namespace Direct.Client;

/// <summary>Provides the meaning of close codes and error codes.</summary>
internal static class CloseCode
{
    public const int MessageTooBig = 1009;
    public const int MessageRate = 4007;
    public const int SessionExpired = 4009;
    public const int NotJoined = 4504;
    public const int RoomLimit = 4505;

    /// <summary>
    /// Returns whether a client connects again after a close. It does not after codes that say that the client made a mistake, because the same attempt would end in the same way.
    /// </summary>
    /// <param name="code">The close code; null if the connection broke without one.</param>
    public static bool MayReconnect(int? code) => code is not (1002 or 1007 or 1008 or 1009 or (>= 4500 and <= 4999));

    /// <summary>Returns whether the same line may succeed later.</summary>
    public static bool MayRepeat(int code) => code is >= 4000 and <= 4499;
}
