using Direct.Grains.Membership;

namespace Direct.Gateway.Tests.Cluster;

public sealed class ClusterOptionsValidatorTests
{
    private readonly ClusterOptionsValidator _validator = new(["localhost", "mysql", "none"], "it must be 'localhost', 'mysql' or 'none'");

    [Fact]
    public void Validate_UnknownProvider_NamesBoth()
    {
        var fault = Assert.Single(Faults(new ClusterOptions { Provider = "mariadb" }));

        Assert.Contains("Direct:Cluster:Provider", fault, StringComparison.Ordinal);
        Assert.Contains("'mariadb'", fault, StringComparison.Ordinal);
        Assert.Contains("'localhost'", fault, StringComparison.Ordinal);
        Assert.Contains("'mysql'", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    public void Validate_MySqlWithoutConnectionString_SaysWhatIsMissing(string? connectionString)
    {
        var fault = Assert.Single(Faults(new ClusterOptions { Provider = "mysql", ConnectionString = connectionString }));

        Assert.Contains("Direct:Cluster:ConnectionString", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Server=x;Password=secret", "no User ID and no Database")]
    [InlineData("Server=x;User ID=u;Password=secret;Database=d;Colour=red", "does not know")]
    [InlineData("secret", "not in the form")]
    public void Validate_FaultyConnectionString_SaysWhatIsWrongAndShowsNoPassword(string connectionString, string named)
    {
        var fault = Assert.Single(Faults(new ClusterOptions { Provider = "mysql", ConnectionString = connectionString }));

        Assert.Contains(named, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(null)]
    public void Validate_IdWithoutCharactersOrWithTooMany_IsNamed(string? id)
    {
        var fault = Assert.Single(Faults(new ClusterOptions { ClusterId = id ?? new string('x', 151) }));

        Assert.Contains("Direct:Cluster:ClusterId", fault, StringComparison.Ordinal);
    }

    private List<string> Faults(ClusterOptions options) => [.. _validator.Validate(null, options).Failures ?? []];
}
