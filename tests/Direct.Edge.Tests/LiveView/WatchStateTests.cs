using System.Text;
using System.Text.Json;
using Direct.Edge.Backplane;
using Direct.Edge.LiveView;
using Direct.Edge.Topics;

namespace Direct.Edge.Tests.LiveView;

/// <summary>Tests the events that a live view sends for each response of the cluster.</summary>
public sealed class WatchStateTests
{
    private readonly WatchState _state = new();

    [Fact]
    public void Apply_FirstAnswer_IsASnapshotOfAllGateways()
    {
        var events = Apply(Gateway("b", [Open(1, 7, 1, 42)]), Gateway("a", [Open(9, 7, 1, 43)]));

        Assert.Equal(
            ["""
            snapshot {"connections":[{"gateway":"a","id":9,"target":"7,1,43","openSeconds":3,"queuedBytes":0},{"gateway":"b","id":1,"target":"7,1,42","openSeconds":3,"queuedBytes":0}],"more":false}
            """.Trim()],
            events);
    }

    [Fact]
    public void Apply_NothingNew_MakesNoEvents()
    {
        Apply(Gateway("a", [Open(1, 7, 1, 42)]));

        Assert.Empty(Apply(Gateway("a", [Open(1, 7, 1, 42, age: 4)])));
    }

    [Fact]
    public void Apply_Differences_AreJoinedChangedAndLeft()
    {
        Apply(Gateway("a", [Open(1, 7, 1, 42), Open(2, 7, 1, 43), Open(3, 7, 1, 44)]));

        var events = Apply(Gateway("a", [Open(1, 7, 2, 42), Open(2, 7, 1, 43, queued: 2048), Open(4, 7, 1, 45)]));

        Assert.Equal(["changed 1", "changed 2", "joined 4", "left 3"], events.Select(NameAndId));
    }

    [Fact]
    public void Apply_AConnectionOfTheSameIdOnAnotherGateway_IsAnother()
    {
        Apply(Gateway("a", [Open(1, 7, 1, 42)]), Gateway("b", []));

        Assert.Equal(["joined 1", "left 1"], Apply(Gateway("a", []), Gateway("b", [Open(1, 7, 1, 42)])).Select(NameAndId));
    }

    [Fact]
    public void Apply_Recorded_IsToldOnceAndOnlyWhatCameAfterTheFirstAnswer()
    {
        var old = new EndedConnection(0, 5, new Target(7, 1, 42), 4001, "gateway_draining");
        var ended = new EndedConnection(1, 6, new Target(7, 1, 42), 4002, "slow_consumer");
        var message = new DeliveredMessage(2, new Target(7, 0, 0), 5, "2cf24dba", 3);
        Apply(Gateway("a", [], 1, [old]));

        var events = Apply(Gateway("a", [], 3, [old, ended], [message]));

        Assert.Equal(
            ["""ended {"gateway":"a","id":6,"target":"7,1,42","code":4002,"reason":"slow_consumer"}""",
             """message {"gateway":"a","target":"7,0,0","bytes":5,"hash":"2cf24dba","delivered":3}"""],
            events);
        Assert.Empty(Apply(Gateway("a", [], 3, [old, ended], [message])));
    }

    /// <summary>Tests a restarted gateway. It counts from 0 again, and its events must still be sent.</summary>
    [Fact]
    public void Apply_GatewayStartedAnew_IsToldWhatItRecords()
    {
        Apply(Gateway("a", [], 100));

        Assert.Equal(["ended 6"], Apply(Gateway("a", [], 1, [new EndedConnection(0, 6, default, 0, "client_closed")])).Select(NameAndId));
    }

    [Fact]
    public void Apply_GatewaysThatDoNotAnswerOrDoNotKnowTheQuestion_AreNamedOnce()
    {
        var answer = Answer(Gateway("a", []), new NamedResponse("old", new GatewayResponse(3))) with { Missing = ["hung"] };

        Assert.Equal("""gateways {"known":true,"missing":["hung","old"]}""", Apply(answer)[^1]);
        Assert.Empty(Apply(answer));
        Assert.Equal(["""gateways {"known":true,"missing":[]}"""], Apply(Gateway("a", [])));
    }

    [Fact]
    public void Apply_ClusterCannotTell_SaysSoOnceAndForgetsNothing()
    {
        Apply(Gateway("a", [Open(1, 7, 1, 42)]));

        Assert.Equal(["""gateways {"known":false,"missing":[]}"""], Apply(ClusterAnswer.NotReady));
        Assert.Empty(Apply(ClusterAnswer.Lost));
        Assert.Equal(["""gateways {"known":true,"missing":[]}"""], Apply(Gateway("a", [Open(1, 7, 1, 42)])));
    }

    [Fact]
    public void Apply_GatewayThatDoesNotAnswer_KeepsItsConnectionsUntilItIsGone()
    {
        Apply(Gateway("a", []), Gateway("b", [Open(1, 7, 1, 42)]));

        Assert.Equal(["""gateways {"known":true,"missing":["b"]}"""], Apply(Answer(Gateway("a", [])) with { Missing = ["b"] }));
        Assert.Equal("left 1", NameAndId(Apply(Gateway("a", []))[^1]));
    }

    [Fact]
    public void Apply_TwoGatewaysOfTheSameName_ShowsOneOfEachId() =>
        Assert.Single(Apply(Gateway("a", [Open(1, 7, 1, 42)]), Gateway("a", [Open(1, 7, 1, 43)])));

    [Fact]
    public void Apply_MoreThanAreShownThanBefore_IsToldByASnapshot()
    {
        OpenConnection[] open = [.. Enumerable.Range(1, WatchState.MaxConnections + 1).Select(id => Open(id, 7, 1, id))];
        Apply(Gateway("a", open[..^1]));

        Assert.EndsWith("\"more\":true}", Assert.Single(Apply(Gateway("a", open))), StringComparison.Ordinal);
        Assert.Empty(Apply(Gateway("a", open)));
    }

    [Fact]
    public void Apply_MoreChangesThanAllowed_AreCountedAndFollowedByASnapshot()
    {
        Apply(Gateway("a", []));

        var events = Apply(Gateway("a", [.. Enumerable.Range(1, WatchState.MaxEvents + 1).Select(id => Open(id, 7, 1, id))]));

        Assert.Equal(2, events.Count);
        Assert.Equal($$"""skipped {"events":{{WatchState.MaxEvents + 1}}}""", events[0]);
        Assert.StartsWith("snapshot", events[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_MoreConnectionsThanAllowed_ShowsTheFirstAndSaysSo()
    {
        var events = Apply(Gateway("a", [.. Enumerable.Range(1, 150).Select(id => Open(id, 7, 1, id))]), Gateway("b", [.. Enumerable.Range(1, 150).Select(id => Open(id, 7, 1, id))]));

        using var data = JsonDocument.Parse(Assert.Single(events)["snapshot ".Length..]);
        Assert.Equal(WatchState.MaxConnections, data.RootElement.GetProperty("connections").GetArrayLength());
        Assert.True(data.RootElement.GetProperty("more").GetBoolean());
    }

    private static OpenConnection Open(long id, long group, long channel, long user, double age = 3, long queued = 0) =>
        new(id, new Target(group, channel, user), TimeSpan.FromSeconds(age), queued);

    private static NamedResponse Gateway(
        string name, OpenConnection[] open, long next = 0, EndedConnection[]? ended = null, DeliveredMessage[]? delivered = null) =>
        new(name, new GatewayResponse(open.Length) { Watched = new WatchedConnections(open, new RecentEvents(next, ended ?? [], delivered ?? [])) });

    private static ClusterAnswer Answer(params NamedResponse[] replies) => new(QueryStatus.Answered, replies, []);

    private static string NameAndId(string text)
    {
        using var data = JsonDocument.Parse(text[text.IndexOf('{', StringComparison.Ordinal)..]);
        return $"{text.Split(' ')[0]} {data.RootElement.GetProperty("id").GetInt64()}";
    }

    private List<string> Apply(params NamedResponse[] replies) => Apply(Answer(replies));

    private List<string> Apply(ClusterAnswer answer) => [.. _state.Apply(answer).Select(Text)];

    private static string Text(WatchEvent told)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            told.WriteData(writer);
            writer.WriteEndObject();
        }

        return $"{told.Name} {Encoding.UTF8.GetString(stream.ToArray())}";
    }
}
