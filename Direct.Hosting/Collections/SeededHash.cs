namespace Direct.Collections;

/// <summary>
/// Hashes ids that clients choose. The hash of a <see langword="long"/> is the exclusive or of its halves, so anyone can find ids that collide, which makes
/// dictionaries slow. This one is seeded anew by each process.
/// </summary>
internal static class SeededHash
{
    /// <summary>Returns the hash of a kind and two ids.</summary>
    public static int Of(byte kind, long id, long otherId) =>
        HashCode.Combine(kind, (int)id, (int)(id >> 32), (int)otherId, (int)(otherId >> 32));
}
