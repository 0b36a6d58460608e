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
    public void Check_AsLongAsAllowed_IsTakenAndOneLongerIsNot()
    {
        var longest = string.Concat(Enumerable.Repeat("01234567", 64));

        Assert.Equal((512, null), (longest.Length, SignalKeys.Check(longest)));
        Assert.Contains("at most 512", SignalKeys.Check(longest + "8"), StringComparison.Ordinal);
    }
}
