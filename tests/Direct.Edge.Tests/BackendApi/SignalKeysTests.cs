using System.Text;
using Direct.Edge.BackendApi;

namespace Direct.Edge.Tests.BackendApi;

public sealed class SignalKeysTests
{
    private const string First = "6f1e0d9a55c84b7a9e21";
    private const string Second = "Zz9+/=~!\"#%&'()*,-.:";

    private readonly SignalKeys _keys = new([First, Second]);

    [Theory]
    [InlineData(First)]
    [InlineData(Second)]
    public void Contains_AnyOfTheKeys_IsTrue(string key)
    {
        Assert.True(_keys.Contains(Encoding.UTF8.GetBytes(key)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("6")]
    [InlineData("6f1e0d9a55c84b7a9e2")]
    [InlineData("6f1e0d9a55c84b7a9e211")]
    [InlineData(" 6f1e0d9a55c84b7a9e21")]
    [InlineData("6f1e0d9a55c84b7a9e21\0")]
    [InlineData("6F1E0D9A55C84B7A9E21")]
    [InlineData(First + First)]
    [InlineData(First + "," + Second)]
    [InlineData("ключ")]
    public void Contains_AnythingElse_IsFalse(string key)
    {
        Assert.False(_keys.Contains(Encoding.UTF8.GetBytes(key)));
    }

    [Fact]
    public void Contains_NoKeysSet_IsFalseForNothingToo()
    {
        Assert.False(new SignalKeys([]).Contains([]));
    }

    [Fact]
    public void Contains_VeryLong_IsFalse()
    {
        Assert.False(_keys.Contains(new byte[10_000_000]));
    }

    [Theory]
    [InlineData(First)]
    [InlineData(Second)]
    [InlineData("12345678123456781234")]
    public void Check_AKey_IsTaken(string key)
    {
        Assert.Null(SignalKeys.Check(key));
    }

    [Fact]
    public void Check_AsLongAsAllowed_IsTakenAndOneLongerIsNot()
    {
        var longest = string.Concat(Enumerable.Repeat("01234567", 64));

        Assert.Equal((512, null), (longest.Length, SignalKeys.Check(longest)));
        Assert.Contains("at most 512", SignalKeys.Check(longest + "8"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "empty")]
    [InlineData("", "empty")]
    [InlineData("6f1e0d9a55c84b7a9e2", "has 19 characters; it must have at least 20")]
    [InlineData("12345671234567123456712345671234567", "only 7 different")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "only 1 different")]
    [InlineData("6f1e0d9a55 c84b7a9e21", "space")]
    [InlineData("6f1e0d9a55c84b7a9e21\n", "not visible ASCII")]
    [InlineData("ключ-ключ-ключ-ключ-ключ", "not visible ASCII")]
    public void Check_NoKey_SaysWhyAndNeverRepeatsIt(string? key, string why)
    {
        var error = SignalKeys.Check(key);

        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.False(key is { Length: > 4 } && error!.Contains(key[..4], StringComparison.Ordinal), error);
    }
}
