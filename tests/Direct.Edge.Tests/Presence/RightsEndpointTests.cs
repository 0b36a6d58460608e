using Direct.Edge.Rights;
using Direct.Edge.Tests.Fakes;

namespace Direct.Edge.Tests.Presence;

public sealed class RightsEndpointTests : IDisposable
{
    private readonly FakeRightsSource _source = new();
    private readonly PresenceFixture _fixture;

    public RightsEndpointTests() => _fixture = new PresenceFixture(_source);

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(0L, """{"mask":0,"read":false,"write":false}""")]
    [InlineData(1L, """{"mask":1,"read":true,"write":false}""")]
    [InlineData(2L, """{"mask":2,"read":false,"write":true}""")]
    [InlineData(7L, """{"mask":7,"read":true,"write":true}""")]
    [InlineData(-1L, """{"mask":-1,"read":true,"write":true}""")]
    public async Task Rights_OfAUserInARoom_AreThoseOfTheSource(long mask, string expected)
    {
        _source.Default = mask;

        var (status, body, _) = await PresenceFixture.CallAsync(_fixture.Rights, "?part=5,7,42");

        Assert.Equal((200, expected), (status, body));
        Assert.Equal([new RightsKey(42, 5, 7)], Assert.Single(_source.Queries));
    }

    /// <summary>A backend that has changed rights, and asks, must not get what a gateway remembers.</summary>
    [Fact]
    public async Task Rights_AskedTwice_AreLookedUpTwice()
    {
        _source.Default = 3;
        await PresenceFixture.CallAsync(_fixture.Rights, "?part=5,7,42");
        _source.Default = 1;

        var (_, body, _) = await PresenceFixture.CallAsync(_fixture.Rights, "?part=5,7,42");

        Assert.Equal("""{"mask":1,"read":true,"write":false}""", body);
    }

    [Fact]
    public async Task Rights_SourceDoesNotAnswer_Is503()
    {
        _source.IsDown = true;

        var (status, _, response) = await PresenceFixture.CallAsync(_fixture.Rights, "?part=5,7,42");

        Assert.Equal((503, "1"), (status, response.Headers.RetryAfter.ToString()));
    }

    [Theory]
    [InlineData("", "group,channel,user")]
    [InlineData("?part=5,7", "group,channel,user")]
    [InlineData("?part=5,7,0", "a user that is not 0")]
    [InlineData("?part=0,0,42", "a group or a channel that is not 0")]
    public async Task Rights_NotOfOneUserInOneRoom_Is400(string query, string expected)
    {
        var (status, body, _) = await PresenceFixture.CallAsync(_fixture.Rights, query);

        Assert.Equal((400, 0), (status, _source.Queries.Count));
        Assert.Contains(expected, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rights_NotChecked_Is409()
    {
        using var open = new PresenceFixture(rights: null);

        Assert.Equal(409, (await PresenceFixture.CallAsync(open.Rights, "?part=5,7,42")).Status);
    }

    [Fact]
    public async Task Rights_AnotherMethod_Is405()
    {
        var (status, _, response) = await PresenceFixture.CallAsync(_fixture.Rights, "?part=5,7,42", "POST");

        Assert.Equal((405, "GET"), (status, response.Headers.Allow.ToString()));
    }
}
