using System.Net;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.Signals;

[Collection(nameof(OnPlainNode))]
public sealed class OwnIdTests(TestNode node)
{
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
}

public sealed class SmallMemoryNode() : TestNode("Direct:Signals:MaxRememberedIds=3");

public sealed class RememberedIdTests(SmallMemoryNode node) : IClassFixture<SmallMemoryNode>
{
    [Fact]
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

        // The refused signal was not sent, and signals without an id are still accepted.
        Assert.Equal(1, (await node.SignalAsync(group, 0, 0, "end")).Delivered);
        Assert.Equal(Enumerable.Range(0, accepted).Select(i => $"{i}"), await client.ReceiveTextsUntilAsync("end"));
    }
}
