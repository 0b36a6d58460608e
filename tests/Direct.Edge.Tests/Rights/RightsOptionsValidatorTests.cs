using Direct.Edge.Rights;

namespace Direct.Edge.Tests.Rights;

public sealed class RightsOptionsValidatorTests
{
    private const string Query = "SELECT 3 FROM r WHERE u = @user AND g = @group AND c = @channel";

    [Theory]
    [InlineData(RightsMode.Open, null, null, null)]
    [InlineData(RightsMode.Sql, Query, null, null)]
    [InlineData(RightsMode.Sql, "SELECT @USER, @Group,@channel", null, null)]
    [InlineData(RightsMode.Http, null, "https://backend/rights?key=1", "s3cret!")]
    public void Validate_CompleteSettings_AreAccepted(RightsMode mode, string? query, string? url, string? secret)
    {
        Assert.True(Validate(mode, query, url, secret).Succeeded);
    }

    [Theory]
    [InlineData(RightsMode.Sql, null, null, null, "Direct:Rights:Query is not set; with Mode=sql it must be one statement that uses @user, @group, @channel and returns one integer.")]
    [InlineData(RightsMode.Sql, " ", null, null, "Direct:Rights:Query is not set;")]
    [InlineData(RightsMode.Sql, "SELECT @user, @channel", null, null, "Direct:Rights:Query does not use @group;")]
    [InlineData(RightsMode.Sql, "SELECT @user_id, @group, @channel", null, null, "Direct:Rights:Query does not use @user;")]
    [InlineData(RightsMode.Sql, Query, "http://backend/", null, "Direct:Rights:Url is set and Direct:Rights:Mode is sql; with it, Mode must be http.")]
    [InlineData(RightsMode.Http, Query, "http://backend/", null, "Direct:Rights:Query is set and Direct:Rights:Mode is http; with it, Mode must be sql.")]
    [InlineData(RightsMode.Sql, "SELECT 1", null, null, "Direct:Rights:Query does not use @user and @group and @channel;")]
    [InlineData(RightsMode.Http, null, null, null, "Direct:Rights:Url is not set; with Mode=http it must be an absolute address that begins with http:// or https://.")]
    [InlineData(RightsMode.Http, null, "/rights", null, "Direct:Rights:Url is not an address of this form;")]
    [InlineData(RightsMode.Http, null, "ftp://backend/rights", null, "Direct:Rights:Url is not an address of this form;")]
    [InlineData(RightsMode.Http, null, "http://backend/", "a b", "Direct:Rights:Secret has a character that a header cannot carry;")]
    [InlineData(RightsMode.Http, null, "http://backend/", "ö", "Direct:Rights:Secret has a character that a header cannot carry;")]
    [InlineData(RightsMode.Open, Query, null, null, "Direct:Rights:Query is set and Direct:Rights:Mode is open; with it, Mode must be sql.")]
    [InlineData(RightsMode.Open, null, "http://backend/", null, "Direct:Rights:Url is set and Direct:Rights:Mode is open; with it, Mode must be http.")]
    public void Validate_IncompleteSettings_NamesTheSettingAndWhatWasExpected(RightsMode mode, string? query, string? url, string? secret, string error)
    {
        Assert.StartsWith(error, Assert.Single(Validate(mode, query, url, secret).Failures!), StringComparison.Ordinal);
    }

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(RightsMode mode, string? query, string? url, string? secret) =>
        new RightsOptionsValidator().Validate(null, new RightsOptions { Mode = mode, Query = query, Url = url, Secret = secret });
}
