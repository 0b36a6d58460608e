using System.Net;
using Direct.Edge.Rights;
using Direct.Gateway.Rights;
using Direct.Testing.Http;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Rights;

public sealed class RightsHookTests : IAsyncDisposable
{
    // What anyone may read at /readyz.
    private const string Unusable = "rights: answers that cannot be used, see the log";

    private static readonly RightsKey One = new(42, 7, 1);
    private static readonly RightsKey Two = new(long.MinValue, long.MaxValue, 0);

    private readonly RightsBackend _backend = new() { Default = 3 };
    private readonly RightsHook _hook;
    private readonly RightsSourceFixture _fixture;

    public RightsHookTests()
    {
        _hook = new RightsHook(Options.Create(new RightsOptions
        {
            Url = _backend.Uri + "?key=of-the-url",
            Secret = "hush-hush",
            Timeout = TimeSpan.FromSeconds(1),
        }));
        _fixture = new RightsSourceFixture(_hook);
    }

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _hook.Dispose();
        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task FindAllAsync_ManyKeys_IsOneCallWithTheSecretAnsweredInOrder()
    {
        _backend.Masks[(42, 7, 1)] = 1;
        _backend.Masks[(long.MinValue, long.MaxValue, 0)] = long.MaxValue;

        Assert.Equal([1, long.MaxValue, 1], await _fixture.FindAsync(One, Two, One));

        var (secret, body) = Assert.Single(_backend.Calls);
        Assert.Equal("hush-hush", secret);
        Assert.Equal(
            """[{"user":42,"group":7,"channel":1},{"user":-9223372036854775808,"group":9223372036854775807,"channel":0},{"user":42,"group":7,"channel":1}]""", body);
    }

    [Theory]
    [InlineData("""<html>Fatal error</html>""", "the answer of the backend is not JSON, expected an array of integers")]
    [InlineData("", "the answer of the backend is not JSON, expected an array of integers")]
    [InlineData("[3", "the answer of the backend is not JSON, expected an array of integers")]
    [InlineData("""{"mask":3}""", "the backend answered with JSON that is not an array, expected an array of integers")]
    [InlineData("3", "the backend answered with JSON that is not an array, expected an array of integers")]
    [InlineData("[]", "the backend answered with 0 numbers, expected 1, one for each right that was asked for")]
    [InlineData("[3,3]", "the backend answered with 2 numbers, expected 1, one for each right that was asked for")]
    public async Task FindAllAsync_AnswerThatIsNoArrayOfTheLength_IsUnavailableAndSaysWhy(string body, string reason)
    {
        _backend.Body = body;

        Assert.Equal([null], await _fixture.FindAsync(One));

        Assert.Equal(Unusable, _fixture.Gate.DegradedReason);
        Assert.Contains(reason, Assert.Single(_fixture.Logger.Entries), StringComparison.Ordinal);
        Assert.False(_fixture.Circuit.IsUp);
    }

    // The others of the same call are answered: one odd answer must not keep everybody out.
    [Theory]
    [InlineData("null", "the backend answered with a Null that is not an integer of 64 bits, expected an array of integers (user 42, group 7, channel 1)")]
    [InlineData("\"3\"", "the backend answered with a String that is not an integer of 64 bits, expected an array of integers (user 42, group 7, channel 1)")]
    [InlineData("true", "the backend answered with a True that is not an integer of 64 bits, expected an array of integers (user 42, group 7, channel 1)")]
    [InlineData("1.5", "the backend answered with a Number that is not an integer of 64 bits, expected an array of integers (user 42, group 7, channel 1)")]
    [InlineData("9223372036854775808", "the backend answered with a Number that is not an integer of 64 bits, expected an array of integers (user 42, group 7, channel 1)")]
    [InlineData("-1", "the number -1, expected 0 or a positive one (user 42, group 7, channel 1)")]
    public async Task FindAllAsync_ElementThatIsNoMask_IsUnavailableAlone(string element, string reason)
    {
        _backend.Body = $"[{element},3]";

        Assert.Equal([null, 3], await _fixture.FindAsync(One, Two));

        Assert.Equal(Unusable, _fixture.Gate.DegradedReason);
        Assert.Contains(reason, Assert.Single(_fixture.Logger.Entries), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.NoContent)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task FindAllAsync_AnotherStatus_IsUnavailable(HttpStatusCode status)
    {
        _backend.Status = status;

        Assert.Equal([null], await _fixture.FindAsync(One));

        Assert.Equal(Unusable, _fixture.Gate.DegradedReason);
        Assert.Contains($"the backend answered {(int)status}, expected 200", Assert.Single(_fixture.Logger.Entries), StringComparison.Ordinal);
    }

    // A client that found a room for which the backend fails could keep all others out.
    [Fact]
    public async Task FindAllAsync_OneKeyForWhichTheBackendFails_IsUnavailableAlone()
    {
        _backend.FailsFor = (13, 7, 1);

        var answers = await _fixture.FindAsync([.. Enumerable.Range(1, 20).Select(user => new RightsKey(user, 7, 1))]);

        Assert.Equal(Enumerable.Range(1, 20).Select(user => user == 13 ? null : (long?)3), answers);
        Assert.True(_fixture.Circuit.IsUp);
        Assert.Contains(_fixture.Logger.Entries, entry => entry.Contains("the backend answered 500", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FindAllAsync_Redirect_IsNotFollowed()
    {
        await using var other = new RightsBackend { Default = 3 };
        (_backend.Status, _backend.Location) = (HttpStatusCode.TemporaryRedirect, other.Uri.ToString());

        Assert.Equal([null], await _fixture.FindAsync(One));

        Assert.Empty(other.Calls);
        Assert.Equal(Unusable, _fixture.Gate.DegradedReason);
        Assert.Contains("the backend answered 307, expected 200", Assert.Single(_fixture.Logger.Entries), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindAllAsync_AnswerThatIsTooLong_IsUnavailable()
    {
        _backend.Body = $"[3{new string(' ', 64 * 1024)}]";

        Assert.Equal([null], await _fixture.FindAsync(One));

        Assert.Equal(Unusable, _fixture.Gate.DegradedReason);
        Assert.Contains("the answer of the backend is longer than 65536 bytes, expected an array of integers", Assert.Single(_fixture.Logger.Entries), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindAllAsync_BackendThatHangs_IsUnavailableAfterItsTime()
    {
        _backend.Hangs = true;

        Assert.Equal([null], await _fixture.FindAsync(One));

        Assert.Equal("rights", _fixture.Gate.DegradedReason);
        Assert.Contains("did not answer within 1 s", Assert.Single(_fixture.Logger.Entries), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindAllAsync_BackendThatIsDown_IsUnavailableUntilItIsBack()
    {
        await _backend.StopAsync();
        _fixture.Start();

        await _fixture.LacksAsync("rights");
        Assert.Equal([null], await _fixture.FindAsync(One));

        _backend.Start();
        await _fixture.LacksAsync(null);
        Assert.Equal([3], await _fixture.FindAsync(One));
    }

    // The log and /readyz may be read by others.
    [Fact]
    public void Location_OfTheBackend_HasNoQueryString()
    {
        Assert.Equal(_backend.Uri.ToString(), _hook.Location);
    }

    // The backend is asked for the rights of user 0, which must be answered like others.
    [Fact]
    public async Task RunAsync_BackendWithoutACaller_IsChecked()
    {
        _backend.Body = "[-1]";

        _fixture.Start();

        await _fixture.LacksAsync(Unusable);
        _backend.Body = null;
        await _fixture.LacksAsync(null);
        Assert.Contains("""[{"user":0,"group":0,"channel":0}]""", _backend.Calls.Select(call => call.Body));
    }
}
