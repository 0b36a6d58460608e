using System.Text;
using Direct.Stress.Protocol;

namespace Direct.Stress.Tests.Protocol;

public sealed class HttpAnswerTests
{
    public static TheoryData<string, int> Answers => new()
    {
        { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200 },
        { "HTTP/1.1 200 OK\r\ncontent-length:  13\r\nX: y\r\n\r\n{\"id\":\"a\"}\r\n\r", 200 },
        { "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n", 202 },
        { "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\nno", 503 },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Read_AtEverySplit_IsReadWhenItIsWhole(string answer, int expected)
    {
        var bytes = Encoding.ASCII.GetBytes(answer);

        for (var split = 0; split < bytes.Length; split++)
        {
            Assert.Equal(0, HttpAnswer.Read(bytes.AsSpan(0, split), out _));
        }

        Assert.Equal(bytes.Length, HttpAnswer.Read([.. bytes, .. "HTTP/1.1"u8], out var status));
        Assert.Equal(expected, status);
    }

    [Theory]
    [InlineData("SSH-2.0-x\r\n\r\n")]
    [InlineData("HTTP/1.1 abc\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public void Read_NoHttp_IsRefused(string answer)
    {
        Assert.Equal(-1, HttpAnswer.Read(Encoding.ASCII.GetBytes(answer), out _));
    }
}
