namespace Direct.Grains.Membership;

/// <summary>Defines values that take the place of a version of the membership schema.</summary>
internal static class SchemaVersion
{
    /// <summary>Specifies the version of <c>Direct.Silo/Schema/membership.sql</c>, which contains the same number.</summary>
    public const int Needed = 1;

    /// <summary>Means that some tables are missing or empty, which is also the result of an interrupted apply.</summary>
    public const int None = -1;

    /// <summary>Means that tables of this name exist, and that another program created them.</summary>
    public const int Foreign = -2;

    /// <summary>
    /// Means the needed version, with statements that do not set the session variables that they depend on. The previous version must be able to use
    /// the new statements as well, so that a rollback is possible.
    /// </summary>
    public const int OldStatements = -3;
}
