using System.Text;
using Direct.Edge.BackendApi;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Direct.Edge.Tests.BackendApi;

public sealed class CallerKeyTests
{
    [Theory]
    [InlineData("Bearer abc", "abc")]
    [InlineData("bearer abc", "abc")]
    [InlineData("BEARER   abc", "abc")]
    [InlineData("Bearer abc ", "abc")]
    [InlineData("Bearer a b", "a b")]
    [InlineData("Bearer a,Bearer b", "a,Bearer b")]
    [InlineData("Bearer ключ", "ключ")]
    [InlineData("Bearer %61bc", "%61bc")]
    [InlineData("Bearer ", "")]
    [InlineData("Bearer", "")]
    public void Read_Bearer_IsTheKey(string header, string key)
    {
        Assert.Equal((1, key), Read(header));
    }

    [Theory]
    [InlineData("Basic YWxhZGRpbjpzZXNhbWU=")]
    [InlineData("Bearerabc")]
    [InlineData("Bearer\tabc")]
    [InlineData(" Bearer abc")]
    [InlineData("abc")]
    [InlineData("")]
    public void Read_AnotherScheme_IsNoKey(string header)
    {
        Assert.Equal((0, ""), Read(header));
    }

    [Fact]
    public void Read_AsLongAsAnyKeyOfOursCanBe_IsDecodedAndLongerIsNot()
    {
        var longest = string.Concat(Enumerable.Repeat("%61", SignalKeys.MaxCharacters));

        Assert.Equal((1, new string('a', SignalKeys.MaxCharacters)), Read(null, $"?key={longest}"));
        Assert.Equal((1, ""), Read(null, $"?key={longest}b"));
    }

    [Theory]
    [InlineData("?key=abc&key=abc", "Basic x")]
    [InlineData("?key=abc", "Bearer abc")]
    [InlineData("?key=", "Bearer abc")]
    [InlineData("", "Bearer abc", "Bearer abc")]
    public void Read_KeysInTwoPlaces_AreTwo(string query, params string[] headers)
    {
        Assert.Equal(2, CallerKey.Read(Request(new StringValues(headers), query)).Count);
    }

    private static (int Count, string Key) Read(string? header, string query = "")
    {
        var key = CallerKey.Read(Request(header is null ? default : new StringValues(header), query));
        return (key.Count, Encoding.UTF8.GetString(key.Bytes ?? []));
    }

    private static HttpRequest Request(StringValues authorization, string query)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Authorization = authorization;
        request.QueryString = new QueryString(query);
        return request;
    }
}
