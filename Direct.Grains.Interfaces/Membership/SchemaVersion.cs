namespace Direct.Grains.Membership;

/// <summary>What a database can have in place of a version of the membership schema.</summary>
internal static class SchemaVersion
{
    /// <summary>Specifies the version of <c>Direct.Silo/Schema/membership.sql</c>, which says the same.</summary>
    public const int Needed = 1;

    /// <summary>Some tables are missing or empty, which an interrupted apply also leaves.</summary>
    public const int None = -1;

    /// <summary>Tables of this name exist, and another program made them.</summary>
    public const int Foreign = -2;

    /// <summary>
    /// Specifies the version that is needed, with statements that do not set the session variables that they depend on. The version before can use the
    /// new statements as well, and must be able to: it could not be gone back to otherwise.
    /// </summary>
    public const int OldStatements = -3;
}
