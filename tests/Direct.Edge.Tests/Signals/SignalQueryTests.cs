using System.Text;
using Direct.Edge.Signals;

namespace Direct.Edge.Tests.Signals;

public sealed class SignalQueryTests
{
    private static readonly string[] Names = ["part", "message", "id"];

    [Theory]
    [InlineData("?part=1,2,3&message=hello&id=a")]
    [InlineData("part=1,2,3&message=hello&id=a")]
    [InlineData("?id=a&message=hello&part=1,2,3")]
    [InlineData("?x=%zz&part=1,2,3&message=hello&id=a&y&=&&z=")]
    [InlineData("?part=1%2C2%2c3&message=h%65llo&id=%61")]
    public void TryParse_ThreeParameters_AreThere(string query)
    {
        var parsed = Parse(query);

        Assert.Equal(("1,2,3", "hello", "a"), (parsed.Part, Message(parsed), parsed.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("?&&&")]
    [InlineData("?part&message&id")]
    [InlineData("?Part=1&MESSAGE=2&ID=3")]
    [InlineData("?parts=1&messages=2&ids=3")]
    public void TryParse_NoneOfThem_AreNull(string query)
    {
        var parsed = Parse(query);

        Assert.Equal((null, null, null), (parsed.Part, parsed.Message, parsed.Id));
    }

    [Fact]
    public void TryParse_PresentButEmpty_IsNotNull()
    {
        var parsed = Parse("?part=&message=&id=");

        Assert.Equal(("", "", ""), (parsed.Part, Message(parsed), parsed.Id));
    }

    [Theory]
    [InlineData("a+b", "a b")]
    [InlineData("+", " ")]
    [InlineData("%2B", "+")]
    [InlineData("a%20b", "a b")]
    [InlineData("%25", "%")]
    [InlineData("%2525", "%25")]
    [InlineData("%00", "\0")]
    [InlineData("%26%3D%3F%23", "&=?#")]
    [InlineData("a=b=c", "a=b=c")]
    [InlineData("%E2%82%AC", "€")]
    [InlineData("%e2%82%ac", "€")]
    [InlineData("%F0%9F%98%80", "😀")]
    [InlineData("€", "€")]
    [InlineData("x😀%F0%9F%98%80+", "x😀😀 ")]
    [InlineData("?", "?")]
    public void TryParse_Escapes_AreDecoded(string value, string message)
    {
        Assert.Equal(message, Message(Parse("?message=" + value)));
    }

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
    public void TryParse_Duplicates_TheFirstWins()
    {
        var parsed = Parse("?message=first&part=1,1,1&message=second&part=2,2,2&message=%zz");

        Assert.Equal(("1,1,1", "first"), (parsed.Part, Message(parsed)));
    }

    [Fact]
    public void TryParse_FirstOfDuplicatesEmpty_StillWins()
    {
        Assert.Equal("", Message(Parse("?message=&message=second")));
    }

    [Fact]
    public void TryParse_EveryByteEscaped_IsThatText()
    {
        var text = string.Concat(Enumerable.Range(0, 0x250).Select(i => (char)i));
        var query = string.Concat(Encoding.UTF8.GetBytes(text).Select(value => $"%{value:X2}"));

        Assert.Equal(text, Message(Parse("?message=" + query)));
    }

    [Fact]
    public void TryParse_VeryLong_IsDecodedWhole()
    {
        var parsed = Parse("?message=" + string.Concat(Enumerable.Repeat("%41+b€", 100_000)));

        Assert.Equal(string.Concat(Enumerable.Repeat("A b€", 100_000)), Message(parsed));
    }

    [Fact]
    public void TryParse_RandomQueries_AreTakenOrRefusedAndNothingElse()
    {
        const string Characters = "%%%+=&?,aF0€\uD83D\uDE00 ";
        var random = new Random(404);
        for (var round = 0; round < 20_000; round++)
        {
            var query = string.Concat(Enumerable.Range(0, random.Next(0, 30)).Select(_ => Characters[random.Next(Characters.Length)]));

            var problem = SignalQuery.TryParse("?message=" + query, out var parsed);

            Assert.True(problem is { Status: 400 } || parsed.Message is not null, $"round {round}: {query}");
        }
    }

    private static SignalQuery Parse(string query)
    {
        Assert.Null(SignalQuery.TryParse(query, out var parsed));
        return parsed;
    }

    private static string Message(SignalQuery query) => Encoding.UTF8.GetString(query.Message!);
}
