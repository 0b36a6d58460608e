using System.Text.Json;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Node.Tests.Presence;

/// <summary>Tests the live view of a real node: the content of its events, and its end.</summary>
public sealed class WatchTests(WatchTests.Node node) : IClassFixture<WatchTests.Node>
{
    [Fact]
    public async Task Watch_AConnectionThatComesMovesAndEnds_IsTold()
    {
        var group = node.NewNumber();
        await using var present = await node.MemberAsync(group, 1);
        await present.Client.SyncAsync();
        await using var stream = await EventStream.OpenAsync(node.Process, $"/!direct-watch?part={group},0,0&seconds=60");
        var snapshot = await stream.NextAsync("snapshot");

        await using var second = await node.MemberAsync(group, 2);
        var joined = await stream.NextAsync("joined");
        await second.Client.JoinAsync(group, 3);
        var changed = await stream.NextAsync("changed");
        await node.Process.Http.GetAsync(new Uri($"/!direct-close?part={group},3,0&code=4321", UriKind.Relative), TestContext.Current.CancellationToken);
        var ended = await stream.NextAsync("ended");

        var row = Assert.Single(snapshot.GetProperty("connections").EnumerateArray());
        Assert.Equal(($"{group},1,{present.User}", false), (row.GetProperty("target").GetString(), snapshot.GetProperty("more").GetBoolean()));
        Assert.Equal($"{group},2,{second.User}", joined.GetProperty("target").GetString());
        Assert.Equal($"{group},3,{second.User}", changed.GetProperty("target").GetString());
        Assert.Equal(joined.GetProperty("id").GetInt64(), changed.GetProperty("id").GetInt64());
        Assert.Equal(
            (joined.GetProperty("id").GetInt64(), 4321, "by_backend"),
            (ended.GetProperty("id").GetInt64(), ended.GetProperty("code").GetInt32(), ended.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Watch_WithMessages_TellsTheirLengthAndHashAndNotTheirText()
    {
        var group = node.NewNumber();
        await using var member = await node.MemberAsync(group, 1);
        await member.Client.SyncAsync();
        await using var stream = await EventStream.OpenAsync(node.Process, $"/!direct-watch?part={group},0,0&seconds=60&messages=1");
        await stream.NextAsync("snapshot");

        await node.SignalAsync(group, 0, 0, "hello");
        var message = await stream.NextAsync("message");

        Assert.Equal(
            ($"{group},0,0", 5, "2cf24dba", 1),
            (message.GetProperty("target").GetString(), message.GetProperty("bytes").GetInt32(), message.GetProperty("hash").GetString(), message.GetProperty("delivered").GetInt32()));
        Assert.DoesNotContain("hello", stream.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_UntilItsTimeIsUp_Ends()
    {
        HttpAnswer? answer = null;
        await Deadline.UntilAsync(
            "there is room for a live view", // the node may not have removed the live views of earlier tests yet
            async () => (answer = await RawHttp.RequestAsync(node.Port, "GET", "/!direct-watch?part=0,0,1&seconds=1")).Status != 429);

        Assert.Equal((200, "text/event-stream", "no-store"), (answer!.Status, answer.Header("Content-Type"), answer.Header("Cache-Control")));
        Assert.StartsWith("event: snapshot\ndata: {", answer.Text, StringComparison.Ordinal);
        Assert.EndsWith("event: end\ndata: {\"reason\":\"the time is up\"}\n\n", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_MoreThanAllowed_Is429UntilOneEnds()
    {
        await using (await EventStream.OpenAsync(node.Process, "/!direct-watch?part=0,0,1&seconds=60"))
        {
            await using var second = await EventStream.OpenAsync(node.Process, "/!direct-watch?part=0,0,1&seconds=60");

            var refused = await RawHttp.RequestAsync(node.Port, "GET", "/!direct-watch?part=0,0,1&seconds=1");

            Answers.AssertProblem(refused, 429, "Direct:Console:MaxWatches");
            Assert.Equal("5", refused.Header("Retry-After"));
        }

        await Deadline.UntilAsync("there is room for another", async () => (await RawHttp.RequestAsync(node.Port, "GET", "/!direct-watch?part=0,0,1&seconds=1")).Status == 200);
    }

    [Fact]
    public async Task Watch_NodeToldToStop_EndsAndDoesNotHoldItUp()
    {
        await using var stopping = await NodeProcess.StartAsync("cluster=none");
        await using var stream = await EventStream.OpenAsync(stopping, "/!direct-watch?part=0,0,1&seconds=600");
        await stream.NextAsync("snapshot");

        await stopping.TerminateAsync();

        Assert.Equal("the gateway stops", (await stream.NextAsync("end")).GetProperty("reason").GetString());
        Assert.Equal(0, await stopping.WaitForExitAsync());
    }

    public sealed class Node() : TestNode("cluster=none", "Direct:Console:ShowMessages=true", "Direct:Console:MaxWatches=2");

    /// <summary>Reads server-sent events as they arrive.</summary>
    private sealed class EventStream : IAsyncDisposable
    {
        private readonly HttpResponseMessage _response;
        private readonly StreamReader _reader;
        private readonly System.Text.StringBuilder _text = new();

        private EventStream(HttpResponseMessage response, Stream body) => (_response, _reader) = (response, new StreamReader(body));

        /// <summary>Gets all text that was read.</summary>
        public string Text => _text.ToString();

        /// <summary>Opens a live view, as soon as the node has removed those of earlier tests.</summary>
        public static async Task<EventStream> OpenAsync(NodeProcess node, string target)
        {
            HttpResponseMessage? response = null;
            await Deadline.UntilAsync("there is room for a live view", async () =>
            {
                response?.Dispose();
                response = await node.Http.GetAsync(new Uri(target, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                return response.StatusCode is not System.Net.HttpStatusCode.TooManyRequests;
            });
            response!.EnsureSuccessStatusCode();
            return new EventStream(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        }

        /// <summary>Returns the data of the next event with this name, and skips others.</summary>
        public Task<JsonElement> NextAsync(string name) => Deadline.RunAsync<JsonElement>(
            $"the event '{name}'",
            async cancellationToken =>
            {
                while (await _reader.ReadLineAsync(cancellationToken) is { } line)
                {
                    _text.AppendLine(line);
                    if (line == $"event: {name}")
                    {
                        return JsonElement.Parse((await _reader.ReadLineAsync(cancellationToken))!["data: ".Length..]);
                    }
                }

                throw new EndOfStreamException($"the events ended without '{name}'");
            },
            actual: () => Text);

        public ValueTask DisposeAsync()
        {
            _reader.Dispose();
            _response.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
