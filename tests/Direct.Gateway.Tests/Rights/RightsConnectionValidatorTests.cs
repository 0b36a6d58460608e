using Direct.Edge.Rights;
using Direct.Gateway.Rights;

namespace Direct.Gateway.Tests.Rights;

public sealed class RightsConnectionValidatorTests
{
    [Theory]
    [InlineData(RightsMode.Sql, null)]
    [InlineData(RightsMode.Sql, "Server=db;User ID=direct;Password=hush;Database=db")]
    [InlineData(RightsMode.Open, "hush")]
    public void Validate_StringThatIsUnusedOrComplete_IsAccepted(RightsMode mode, string? connectionString)
    {
        Assert.True(new RightsConnectionValidator().Validate(null, new RightsOptions { Mode = mode, ConnectionString = connectionString }).Succeeded);
    }

    [Theory]
    [InlineData("", "is not set")]
    [InlineData("Server=db;User ID=direct;Password=hush", "no Database")]
    [InlineData("hush", "key=value")]
    public void Validate_StringThatCannotBeUsed_SaysWhyAndKeepsItsPassword(string connectionString, string error)
    {
        var failure = new RightsConnectionValidator().Validate(null, new RightsOptions { Mode = RightsMode.Sql, ConnectionString = connectionString }).FailureMessage;

        Assert.StartsWith("Direct:Rights:ConnectionString ", failure, StringComparison.Ordinal);
        Assert.Contains(error, failure, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", failure, StringComparison.Ordinal);
    }
}
