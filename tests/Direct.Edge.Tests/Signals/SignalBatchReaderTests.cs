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

    // As Windows PowerShell and .NET's StreamWriter write it.
    [Fact]
    public void TryRead_ByteOrderMarkBefore_IsSkipped()
    {
        Assert.Equal(new Target(1, 2, 3), Assert.Single(Read("\uFEFF[" + Good + "]")).Target);
    }

    [Fact]
    public void TryRead_EmptyArray_IsNoSignals()
    {
        Assert.Empty(Read("[]"));
    }

    [Fact]
    public void TryRead_UnknownProperties_AreIgnored()
    {
        Assert.Equal(
            new Target(1, 2, 3),
            Assert.Single(Read("""[{"x":{"part":[1]},"part":"1,2,3","Part":"9","message":"hello"}]""")).Target);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("[")]
    [InlineData("[}")]
    [InlineData("[{]")]
    [InlineData("[" + Good)]
    [InlineData("[" + Good + ",]")]
    [InlineData("[" + Good + "] x")]
    [InlineData("['x']")]
    [InlineData("[{part:1}]")]
    [InlineData("// no comments\n[]")]
    [InlineData("\uFEFF")]
    [InlineData("\uFEFF\uFEFF[]")]
    [InlineData("[\uFEFF]")]
    [InlineData("[\"\n\"]")]
    [InlineData("part=1,2,3&message=hello")]
    public void TryRead_NoJson_IsA400(string json)
    {
        Assert.Equal(400, Refusal(json).Status);
    }

    [Fact]
    public void TryRead_NoJson_SaysWhere()
    {
        var detail = Refusal("[\n  {\"part\":\"1,2,3\",\n    oops}]").Detail;

        Assert.Contains("line 3", detail, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_VeryDeep_IsA400()
    {
        Assert.Equal(400, Refusal(new string('[', 100_000)).Status);
    }

    [Theory]
    [InlineData(Good)]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"[]\"")]
    [InlineData("true")]
    public void TryRead_NoArray_IsA400(string json)
    {
        Assert.Equal(400, Refusal(json).Status);
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

    // The name of a property is text as well, and may be as broken as any.
    [Theory]
    [InlineData("""{"\ud83d":0,"part":"1,2,3","message":"hello"}""")]
    [InlineData("""{"part":"1,2,3","message":"hello","a property with a long name \ud83d":0}""")]
    [InlineData("""{"p\ud83d______________":0,"part":"1,2,3","message":"hello"}""")]
    public void TryRead_LoneSurrogateInAPropertyName_IsTakenOrA400(string item)
    {
        var problem = SignalBatchReader.TryRead(Encoding.UTF8.GetBytes($"[{item}]"), _options, out _);

        Assert.True(problem is null or { Status: 400 });
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
    public void TryRead_AsManyAsAllowed_AreTaken()
    {
        Assert.Equal(3, Read($"[{Good},{Good},{Good}]").Count);
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

    [Fact]
    public void TryRead_AMessageAtTheLimitInUtf8_IsTaken()
    {
        Assert.Equal(100, Assert.Single(Read($$"""[{"part":"1,2,3","message":"{{new string('ö', 50)}}"}]""")).Message.Length);
    }

    [Fact]
    public void TryRead_RandomlyDamagedJson_IsTakenOrA400AndNothingElse()
    {
        var random = new Random(8259);
        var whole = Encoding.UTF8.GetBytes($$"""[{{Good}},{"part":"0,0,1","message":"\u20ac\ud83d\ude00","id":"a","x\u0041":[1,{}]}]""");
        for (var round = 0; round < 5_000; round++)
        {
            var damaged = whole.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] = random.Next(0, 2) == 0 ? (byte)random.Next(256) : whole[random.Next(whole.Length)];
            }

            var length = random.Next(0, 4) == 0 ? random.Next(damaged.Length) : damaged.Length;

            var problem = SignalBatchReader.TryRead(damaged.AsMemory(0, length), _options, out _);

            Assert.True(problem is null or { Status: 400 }, $"round {round}: {Convert.ToHexString(damaged)}");
        }
    }

    private List<SignalRequest> Read(string json)
    {
        Assert.Null(SignalBatchReader.TryRead(Encoding.UTF8.GetBytes(json), _options, out var requests));
        return requests;
    }

    private Problem Refusal(string json) =>
        SignalBatchReader.TryRead(Encoding.UTF8.GetBytes(json), _options, out _) ?? throw new InvalidOperationException("taken");
}
