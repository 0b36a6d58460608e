namespace Direct.Grains.Membership;

/// <summary>Represents a program that uses the database of the cluster's members.</summary>
/// <param name="Name">The name of the program.</param>
/// <param name="Rights">The rights that it needs in the database.</param>
/// <param name="RecordsLeases">Whether it uses the tables of the leases besides those of the members.</param>
internal sealed record DatabaseUser(string Name, string Rights, bool RecordsLeases)
{
    public static DatabaseUser Silo { get; } = new("silo", "SELECT, INSERT, UPDATE and DELETE, schema=apply CREATE as well", RecordsLeases: true);

    public static DatabaseUser Gateway { get; } = new("gateway", "SELECT", RecordsLeases: false);
}
