using Direct.Edge.BackendApi;
using Direct.Edge.Signals;

namespace Direct.Edge.Tests.Signals;

public sealed class SignalRequestTests
{
    private readonly SignalOptions _options = new() { MaxMessageBytes = 100 };

    [Fact]
    public void TryCreate_NoId_GetsAnIdOfItsOwnEachTime()
    {
        SignalRequest.TryCreate("1,2,3", Array.Empty<byte>(), null, _options, out var one);
        SignalRequest.TryCreate("1,2,3", Array.Empty<byte>(), null, _options, out var two);

        Assert.Equal((false, false, true), (one!.IsOwnId, two!.IsOwnId, one.Id != two.Id && one.Id.Length > 0));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1,2")]
    [InlineData("1,2,3,4")]
    [InlineData("1,2,x")]
    public void TryCreate_WrongPart_IsA400ThatNamesItAndItsForm(string? part)
    {
        var problem = SignalRequest.TryCreate(part, "hello"u8.ToArray(), null, _options, out var request);

        Assert.Equal((400, null), (problem?.Status, request));
        Assert.Contains("'part'", problem!.Detail, StringComparison.Ordinal);
        Assert.Contains("group,channel,user", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void TryCreate_NoMessage_IsA400ThatNamesIt()
    {
        var problem = SignalRequest.TryCreate("1,2,3", null, null, _options, out _);

        Assert.Equal(400, problem?.Status);
        Assert.Contains("'message'", problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void TryCreate_MessageOverTheLimit_IsA413ThatNamesTheSetting()
    {
        var problem = SignalRequest.TryCreate("1,2,3", new byte[101], null, _options, out _);

        Assert.Equal(413, problem?.Status);
        Assert.Contains("Direct:Signals:MaxMessageBytes", problem!.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("\u007F")]
    [InlineData("é")]
    [InlineData("\uFF21")]
    [InlineData("a\0")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456_x")]
    public void TryCreate_AnyOtherId_IsA400ThatNamesIt(string id)
    {
        var problem = SignalRequest.TryCreate("1,2,3", Array.Empty<byte>(), id, _options, out _);

        Assert.Equal(400, problem?.Status);
        Assert.Contains("'id'", problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void TryCreate_VeryLongPart_IsNotRepeatedInFull()
    {
        var problem = SignalRequest.TryCreate(new string('9', 100_000), Array.Empty<byte>(), null, _options, out _);

        Assert.InRange(problem!.Detail.Length, 1, 300);
    }
}
