using Direct.Grains.Membership;

namespace Direct.Gateway.Tests.Cluster;

public sealed class ClusterOptionsValidatorTests
{
    private readonly ClusterOptionsValidator _validator = new(["localhost", "mysql", "none"], "it must be 'localhost', 'mysql' or 'none'");

    [Fact]
    public void Validate_UnknownProvider_NamesBoth()
    {
        var error = Assert.Single(Errors(new ClusterOptions { Provider = "mariadb" }));

        Assert.Contains("Direct:Cluster:Provider", error, StringComparison.Ordinal);
        Assert.Contains("'mariadb'", error, StringComparison.Ordinal);
        Assert.Contains("'localhost'", error, StringComparison.Ordinal);
        Assert.Contains("'mysql'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    public void Validate_MySqlWithoutConnectionString_SaysWhatIsMissing(string? connectionString)
    {
        var error = Assert.Single(Errors(new ClusterOptions { Provider = "mysql", ConnectionString = connectionString }));

        Assert.Contains("Direct:Cluster:ConnectionString", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Server=x;Password=secret", "no User ID and no Database")]
    [InlineData("Server=x;User ID=u;Password=secret;Database=d;Colour=red", "does not know")]
    [InlineData("secret", "not in the form")]
    public void Validate_InvalidConnectionString_SaysWhatIsWrongAndShowsNoPassword(string connectionString, string named)
    {
        var error = Assert.Single(Errors(new ClusterOptions { Provider = "mysql", ConnectionString = connectionString }));

        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(null)]
    public void Validate_IdWithoutCharactersOrWithTooMany_IsNamed(string? id)
    {
        var error = Assert.Single(Errors(new ClusterOptions { ClusterId = id ?? new string('x', 151) }));

        Assert.Contains("Direct:Cluster:ClusterId", error, StringComparison.Ordinal);
    }

    private List<string> Errors(ClusterOptions options) => [.. _validator.Validate(null, options).Failures ?? []];
}
