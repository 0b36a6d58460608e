namespace Direct.Grains.Membership;

/// <summary>A program that uses the database of the cluster's members.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Rights">What it must be allowed there.</param>
/// <param name="RecordsLeases">Whether it uses the tables of the leases as well as those of the members.</param>
internal sealed record DatabaseUser(string Name, string Rights, bool RecordsLeases)
{
    public static DatabaseUser Silo { get; } = new("silo", "SELECT, INSERT, UPDATE and DELETE, schema=apply CREATE as well", RecordsLeases: true);

    public static DatabaseUser Gateway { get; } = new("gateway", "SELECT", RecordsLeases: false);
}
