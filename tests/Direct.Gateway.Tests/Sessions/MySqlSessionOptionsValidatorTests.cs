using Direct.Gateway.Sessions;

namespace Direct.Gateway.Tests.Sessions;

public sealed class MySqlSessionOptionsValidatorTests
{
    [Fact]
    public void Validate_Defaults_AreThoseOfTheOriginal()
    {
        var options = new MySqlSessionOptions();

        Assert.True(new MySqlSessionOptionsValidator().Validate(null, options).Succeeded);
        Assert.Equal("Server=127.0.0.1;Port=3306;User ID=master;Password=master;Database=db", options.ConnectionString);
    }

    [Theory]
    [InlineData("", "is not set")]
    [InlineData("  ", "is not set")]
    [InlineData("Server=db;User ID=direct;Password=hush", "no Database")]
    [InlineData("User ID=direct;Password=hush;Database=direct", "no Server")]
    [InlineData("Server=db;Password=hush", "no User ID and no Database")]
    [InlineData("Server=db;Passwrd=hush", "key=value")]
    [InlineData("Server=db;Port=hush;Database=direct", "key=value")]
    [InlineData("hush", "key=value")]
    public void Validate_StringThatCannotBeUsed_SaysWhyAndKeepsItsPassword(string connectionString, string error)
    {
        var options = new MySqlSessionOptions { ConnectionString = connectionString };

        var failure = new MySqlSessionOptionsValidator().Validate(null, options).FailureMessage;

        Assert.StartsWith("Direct:Sessions:ConnectionString ", failure, StringComparison.Ordinal);
        Assert.Contains(error, failure, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", failure, StringComparison.Ordinal);
    }
}
