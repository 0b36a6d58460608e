using System.Text;
using Direct.Edge.BackendApi;
using Direct.Edge.Signals;
using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Signals;

public sealed class SignalBatchReaderTests
{
    private const string Good = """{"part":"1,2,3","message":"hello"}""";

    private readonly SignalOptions _options = new() { MaxMessageBytes = 100, MaxBatch = 3 };

    [Fact]
    public void TryRead_AnArray_IsItsSignalsInOrder()
    {
        var requests = Read("""
            [{"part":"1,2,3","message":"hello","id":"a"},{"message":"\u20AC \ud83d\ude00","part":"0,0,0"},{"part":"4,0,0","message":""}]
            """);

        Assert.Equal(
            ["1,2,3 hello True", "0,0,0 € 😀 False", "4,0,0  False"],
            requests.Select(request => $"{request.Target} {Encoding.UTF8.GetString(request.Message.Span)} {request.IsOwnId}"));
    }

    // Windows PowerShell and the StreamWriter of .NET write a byte order mark.
    [Fact]
    public void TryRead_ByteOrderMarkBefore_IsSkipped()
    {
        Assert.Equal(new Target(1, 2, 3), Assert.Single(Read("\uFEFF[" + Good + "]")).Target);
    }

    [Fact]
    public void TryRead_NoJson_SaysWhere()
    {
        var detail = Refusal("[\n  {\"part\":\"1,2,3\",\n    oops}]").Detail;

        Assert.Contains("line 3", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"1,2,3\"")]
    [InlineData("{}")]
    [InlineData("""{"part":"1,2,3"}""")]
    [InlineData("""{"message":"hello"}""")]
    [InlineData("""{"part":1,"message":"hello"}""")]
    [InlineData("""{"part":[1,2,3],"message":"hello"}""")]
    [InlineData("""{"part":"1,2","message":"hello"}""")]
    [InlineData("""{"part":"1,2,3","message":5}""")]
    [InlineData("""{"part":"1,2,3","message":null}""")]
    [InlineData("""{"part":"1,2,3","message":{}}""")]
    [InlineData("""{"part":"1,2,3","message":"hello","id":5}""")]
    [InlineData("""{"part":"1,2,3","message":"hello","id":""}""")]
    [InlineData("""{"part":"1,2,3","message":"hello","id":"a b"}""")]
    [InlineData("""{"part":"1,2,3","message":"\ud83d"}""")]
    [InlineData("""{"part":"1,2,3","message":"\ude00\ud83d"}""")]
    [InlineData("""{"part":"1,2,3","message":"x\ud83dx"}""")]
    [InlineData("""{"part":"\ud83d","message":"hello"}""")]
    [InlineData("""{"part":"1,2,3","message":"hello","id":"\udc00"}""")]
    public void TryRead_AWrongItem_FailsAllAndIsNamedByItsIndex(string item)
    {
        var problem = Refusal($"[{Good},{Good},{item}]");

        Assert.Equal(400, problem.Status);
        Assert.Contains("Signal 2 ", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    public void TryRead_AnythingThatIsNoUtf8_IsA400ThatSaysSo(byte[] bytes)
    {
        byte[] message = [.. "[{\"part\":\"1,2,3\",\"message\":\"x"u8, .. bytes, .. "\"}]"u8];
        byte[] name = [.. "[{\"part\":\"1,2,3\",\"message\":\"x\",\"y"u8, .. bytes, .. "\":0}]"u8];

        Assert.All([message, name], json =>
        {
            var problem = SignalBatchReader.TryRead(json, _options, out _);

            Assert.Equal(400, problem?.Status);
            Assert.Contains("UTF-8", problem!.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain("surrogate", problem.Detail, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void TryRead_HalfOfASurrogatePair_IsA400ThatSaysSo()
    {
        var problem = Refusal("""[{"part":"1,2,3","message":"\ud83d"}]""");

        Assert.Contains("'message'", problem.Detail, StringComparison.Ordinal);
        Assert.Contains("surrogate", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_OneMoreThanAllowed_IsA413ThatNamesTheSetting()
    {
        var problem = Refusal($"[{Good},{Good},{Good},{Good}]");

        Assert.Equal(413, problem.Status);
        Assert.Contains("Direct:Signals:MaxBatch", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_AMessageOverTheLimit_IsA413NamedByItsIndex()
    {
        var problem = Refusal($$"""[{{Good}},{"part":"1,2,3","message":"{{new string('x', 101)}}"}]""");

        Assert.Equal(413, problem.Status);
        Assert.Contains("Signal 1 ", problem.Detail, StringComparison.Ordinal);
    }

    private List<SignalRequest> Read(string json)
    {
        Assert.Null(SignalBatchReader.TryRead(Encoding.UTF8.GetBytes(json), _options, out var requests));
        return requests;
    }

    private Problem Refusal(string json) =>
        SignalBatchReader.TryRead(Encoding.UTF8.GetBytes(json), _options, out _) ?? throw new InvalidOperationException("taken");
}
