using System.Net;
using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Node.Tests.Signals;

[ProtocolRow("Receipt: own id")]
[Collection(nameof(OnPlainNode))]
public sealed class OwnIdTests(TestNode node)
{
    [Theory]
    [InlineData("a")]
    [InlineData("!")]
    [InlineData("~")]
    [InlineData("0b7c6ad2-6a0c-4a4f-bb5e-c2b4a5e6f7d8")]
    [InlineData("\"quoted\\\"<&>")]
    public async Task Id_OfVisibleAscii_IsGivenBack(string id)
    {
        var receipt = await node.Process.SignalAsync($"{node.NewNumber()},0,0", "hello", id);

        Assert.Equal((HttpStatusCode.OK, id), (receipt.Status, receipt.Id));
    }

    [Theory]
    [InlineData(128, 200)]
    [InlineData(129, 400)]
    [InlineData(1_000, 400)]
    public async Task Id_ByItsLength_IsTakenOrRefused(int length, int status)
    {
        var receipt = await node.Process.SignalAsync($"{node.NewNumber()},0,0", "hello", new string('i', length));

        Assert.Equal(status, (int)receipt.Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("%20")]
    [InlineData("a%20b")]
    [InlineData("a+b")]
    [InlineData("%00")]
    [InlineData("%0A")]
    [InlineData("%7F")]
    [InlineData("%D0%B6")]
    [InlineData("%FF")]
    [InlineData("%zz")]
    public async Task Id_OfAnythingElse_Is400NamingIt(string id)
    {
        var part = $"{node.NewNumber()},{node.NewNumber()},0";

        var answer = await RawHttp.RequestAsync(node.Port, "GET", $"/!direct-signal?part={part}&message=hello&id={id}");

        Answers.AssertProblem(answer, 400, "id");
    }

    [Fact]
    public async Task Repeat_WithTheSameContent_DeliversOnceAndAnswersTheSame()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var first = await node.JoinAsync(group, channel);
        await using var second = await node.JoinAsync(group, channel);
        var id = $"repeat {group}".Replace(' ', '-');

        var receipt = await node.Process.SignalAsync($"{group},{channel},0", "once", id);
        var repeat = await node.Process.SignalAsync($"{group},{channel},0", "once", id);
        await node.SignalAsync(group, channel, 0, "end");

        Assert.Equal((2, 1, id), (receipt.Delivered, receipt.Gateways, receipt.Id));
        Assert.Equal((HttpStatusCode.OK, 2, 1, id), (repeat.Status, repeat.Delivered, repeat.Gateways, repeat.Id));
        Assert.Equal(["once"], await first.ReceiveTextsUntilAsync("end"));
        Assert.Equal(["once"], await second.ReceiveTextsUntilAsync("end"));
    }

    [Fact]
    public async Task Repeat_ByAnotherMethodAndEscaping_IsTheSameSignal()
    {
        var group = node.NewNumber();
        await using var client = await node.JoinAsync(group, 0);
        var target = $"/!direct-signal?part={group},0,0&id=method-{group}";

        var get = await RawHttp.RequestAsync(node.Port, "GET", $"{target}&message=a%2Db");
        var post = await RawHttp.RequestWithBodyAsync(node.Port, "POST", target, "a-b"u8.ToArray());
        await node.SignalAsync(group, 0, 0, "end");

        Assert.Equal((1, 1), (Answers.Delivered(get), Answers.Delivered(post)));
        Assert.Equal(["a-b"], await client.ReceiveTextsUntilAsync("end"));
    }

    [Fact]
    public async Task Repeats_AtTheSameTime_DeliverOnceAndAllAnswerTheSame()
    {
        var group = node.NewNumber();
        await using var client = await node.JoinAsync(group, 0);

        var receipts = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => node.Process.SignalAsync($"{group},0,0", "once", $"race-{group}")));
        await node.SignalAsync(group, 0, 0, "end");

        Assert.All(receipts, receipt => Assert.Equal((HttpStatusCode.OK, 1), (receipt.Status, receipt.Delivered)));
        Assert.Equal(["once"], await client.ReceiveTextsUntilAsync("end"));
    }

    [Theory]
    [InlineData("message")]
    [InlineData("part")]
    public async Task Repeat_WithOtherContent_Is409AndDeliversNothing(string what)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinAsync(group, channel);
        var id = $"conflict-{group}";

        await node.Process.SignalAsync($"{group},{channel},0", "once", id);
        var conflict = what == "message"
            ? await node.Process.SignalAsync($"{group},{channel},0", "twice", id)
            : await node.Process.SignalAsync($"{group},0,0", "once", id);
        await node.SignalAsync(group, channel, 0, "end");

        Assert.Equal(HttpStatusCode.Conflict, conflict.Status);
        Assert.StartsWith("application/problem+json", conflict.ContentType, StringComparison.Ordinal);
        Assert.Equal((0, 0), (conflict.Delivered, conflict.Gateways));
        Assert.NotEmpty(conflict.Detail!);
        Assert.Equal(["once"], await client.ReceiveTextsUntilAsync("end"));
    }

    [Fact]
    public async Task Ids_ThatDifferInCase_AreTwoSignals()
    {
        var group = node.NewNumber();
        await using var client = await node.JoinAsync(group, 0);

        var lower = await node.Process.SignalAsync($"{group},0,0", "hello", $"case-{group}-a");
        var upper = await node.Process.SignalAsync($"{group},0,0", "hello", $"case-{group}-A");

        Assert.Equal((1, 1), (lower.Delivered, upper.Delivered));
        Assert.Equal("hello", await client.ReceiveTextAsync());
        Assert.Equal("hello", await client.ReceiveTextAsync());
    }
}

public sealed class ForgetfulNode() : TestNode("Direct:Signals:IdempotencyWindow=00:00:01");

public sealed class ForgottenIdTests(ForgetfulNode node) : IClassFixture<ForgetfulNode>
{
    [Fact]
    [ProtocolRow("Receipt: own id")]
    public async Task Repeat_AfterItsTime_IsANewSignal()
    {
        var group = node.NewNumber();
        await using var client = await node.JoinAsync(group, 0);

        await node.Process.SignalAsync($"{group},0,0", "one", "forgotten");

        // As long as the id is remembered, other content is refused; then it is a new signal.
        var last = "";
        await Deadline.UntilAsync(
            "the id is forgotten",
            async () =>
            {
                var receipt = await node.Process.SignalAsync($"{group},0,0", "two", "forgotten");
                last = receipt.ToString();
                Assert.True(receipt.Status is HttpStatusCode.OK or HttpStatusCode.Conflict, last);
                return receipt.Status == HttpStatusCode.OK;
            },
            actual: () => last);
        Assert.Equal("one", await client.ReceiveTextAsync());
        Assert.Equal("two", await client.ReceiveTextAsync());
    }
}

public sealed class SmallMemoryNode() : TestNode("Direct:Signals:MaxRememberedIds=3");

public sealed class RememberedIdTests(SmallMemoryNode node) : IClassFixture<SmallMemoryNode>
{
    [Fact]
    [ProtocolRow("Receipt: 503")]
    public async Task Signal_WithMoreIdsThanAreRemembered_Is503WithRetryAfterAndItsId()
    {
        var group = node.NewNumber();
        await using var client = await node.JoinAsync(group, 0);

        HttpResponseMessage? refused = null;
        var accepted = 0;
        for (var i = 0; i < 50 && refused is null; i++)
        {
            var uri = new Uri($"/!direct-signal?part={group},0,0&message={i}&id=many-{i}", UriKind.Relative);
            var response = await node.Process.Http.GetAsync(uri, TestContext.Current.CancellationToken);
            (refused, accepted) = response.IsSuccessStatusCode ? (null, accepted + 1) : (response, accepted);
        }

        Assert.NotNull(refused);
        Assert.Equal(3, accepted);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        var receipt = await SignalReceiptReader.ReadAsync(refused, TestContext.Current.CancellationToken);
        Assert.Equal(($"many-{accepted}", 0, 0), (receipt.Id, receipt.Delivered, receipt.Gateways));

        // Nothing of it was sent, and signals without an id go on.
        Assert.Equal(1, (await node.SignalAsync(group, 0, 0, "end")).Delivered);
        Assert.Equal(Enumerable.Range(0, accepted).Select(i => $"{i}"), await client.ReceiveTextsUntilAsync("end"));
    }
}
