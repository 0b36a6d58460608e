using System.Text;
using Direct.Edge.Signals;

namespace Direct.Edge.Tests.Signals;

public sealed class SignalQueryTests
{
    private static readonly string[] Names = ["part", "message", "id"];

    [Theory]
    [InlineData("%")]
    [InlineData("%%")]
    [InlineData("%2")]
    [InlineData("a%")]
    [InlineData("a%2")]
    [InlineData("%zz")]
    [InlineData("%2z")]
    [InlineData("%z2")]
    [InlineData("% 2")]
    [InlineData("%2 ")]
    [InlineData("%+2")]
    [InlineData("%-1")]
    [InlineData("%0x")]
    [InlineData("%u20AC")]
    [InlineData("%4\0")] // the framework ignores a NUL after a number
    [InlineData("%\0\0")]
    [InlineData("%\uFF12\uFF10")] // FULLWIDTH DIGITS
    public void TryParse_BadEscape_IsA400ThatNamesTheParameter(string value)
    {
        var problems = Names.Select(name => (name, SignalQuery.TryParse($"?{name}={value}", out _)));

        Assert.All(problems, pair =>
        {
            Assert.Equal(400, pair.Item2?.Status);
            Assert.Contains($"'{pair.name}'", pair.Item2!.Detail, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("%FF")]
    [InlineData("%C3")]
    [InlineData("%C3%28")]
    [InlineData("%C0%80")]
    [InlineData("%E2%82")]
    [InlineData("%ED%A0%80")]
    [InlineData("%F4%90%80%80")]
    [InlineData("ok%80ok")]
    public void TryParse_InvalidUtf8_IsA400ThatSaysSo(string value)
    {
        var problem = SignalQuery.TryParse("?message=" + value, out _);

        Assert.Equal(400, problem?.Status);
        Assert.Contains("UTF-8", problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_EveryByteEscaped_IsThatText()
    {
        var text = string.Concat(Enumerable.Range(0, 0x250).Select(i => (char)i));
        var query = string.Concat(Encoding.UTF8.GetBytes(text).Select(value => $"%{value:X2}"));

        Assert.Equal(text, Message(Parse("?message=" + query)));
    }

    private static SignalQuery Parse(string query)
    {
        Assert.Null(SignalQuery.TryParse(query, out var parsed));
        return parsed;
    }

    private static string Message(SignalQuery query) => Encoding.UTF8.GetString(query.Message!);
}
