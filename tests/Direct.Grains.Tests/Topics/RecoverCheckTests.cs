using Direct.Grains.Gateways;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

public sealed class RecoverCheckTests
{
    private static readonly Ballot Ballot = new(5, Guid.NewGuid());
    private static readonly RecoverRequest Request = new(Lane.Of(Room), Ballot);
    private static readonly KeptTopicReport Report = FakeRing.Of(1, new Ballot(4, Guid.NewGuid()), 3, 7).Report(Room);
    private static readonly FetchRequest Fetch = new(Room, 3, 7, IsNewestFirst: true, Ballot);

    public static TheoryData<string> Changes => [.. ReportChanges.Keys];

    private static Dictionary<string, Func<KeptTopicReport, KeptTopicReport>> ReportChanges { get; } = new()
    {
        ["a topic of another lane"] = static report => report with { Topic = new TopicKey(TopicScope.Room, 5, 8) },
        ["a ballot above that of the recovery"] = static report => report with { InstalledUnder = new Ballot(6, Guid.Empty) },
        ["no marks"] = static report => report with { Marks = [] },
        ["null marks"] = static report => report with { Marks = null! },
        ["no open epoch"] = static report => report with { Marks = [new EpochMark(1, 7, default)] },
        ["two open epochs"] = static report => report with { Marks = [new EpochMark(1, EpochMark.Open, default), new EpochMark(2, EpochMark.Open, default)] },
        ["an epoch twice"] = static report => report with { Marks = [new EpochMark(1, 3, default), new EpochMark(1, EpochMark.Open, default)] },
        ["epoch 0"] = static report => report with { Marks = [new EpochMark(0, EpochMark.Open, default)] },
        ["ends that descend"] = static report => report with { Marks = [new EpochMark(1, 5, default), new EpochMark(2, 4, default), new EpochMark(3, EpochMark.Open, default)] },
        ["an end below 0"] = static report => report with { Marks = [new EpochMark(1, -1, default), new EpochMark(2, EpochMark.Open, default)] },
        ["an age below 0"] = static report => report with { Marks = [new EpochMark(1, 5, TimeSpan.FromSeconds(-1)), new EpochMark(2, EpochMark.Open, default)] },
        ["a head below 0"] = static report => report with { Head = -1, First = 1, Headers = [] },
        ["a head that leaves no offset"] = static report => report with { Head = long.MaxValue, First = 1, Headers = [] },
        ["an end that leaves no offset"] = static report => report with { Marks = [new EpochMark(1, EpochMark.Open - 1, default), new EpochMark(2, EpochMark.Open, default)] },
        ["a first offset of 0"] = static report => report with { First = 0 },
        ["a first offset above the head"] = static report => report with { First = 9 },
        ["null headers"] = static report => report with { Headers = null! },
        ["headers without bytes"] = static report => report with { Headers = new KeptHeaders(null!) },
        ["headers that are cut off"] = static report => report with { Headers = new KeptHeaders(report.Headers.Packed[..^1]) },
        ["headers that descend"] = static report => report with { Headers = [report.Headers[1], report.Headers[0]] },
        ["a header above the head"] = static report => report with { Headers = [new KeptHeader(8, report.Headers[0].Origin)] },
        ["an id of the future"] = static report => report with { Headers = [new KeptHeader(7, report.Headers[0].Origin with { IdHash = Guid.NewGuid() }, IdAge: -1)] },
        ["a header below offset 0"] = static report => report with { Headers = [new KeptHeader(-1, report.Headers[0].Origin)] },
        ["what is acknowledged, with an id"] = static report => report with { Headers = [new KeptHeader(0, report.Headers[0].Origin with { IdHash = Guid.NewGuid() })] },
        ["what is acknowledged, without a publisher"] = static report => report with { Headers = [new KeptHeader(0, new MessageOrigin(Guid.Empty, 1, Guid.Empty))] },
        ["what is acknowledged, after a message"] = static report => report with { Headers = [report.Headers[0], new KeptHeader(0, report.Headers[0].Origin)] },
    };

    [Fact]
    public void Answer_OfAGateway_IsValid()
    {
        Assert.True(RecoverCheck.IsValid(Request, Answer(Report)));
        Assert.True(RecoverCheck.IsValid(Request, Answer()));
        Assert.True(RecoverCheck.IsValid(Request, Answer(Report with { InstalledUnder = null, First = 8 })));
        Assert.True(RecoverCheck.IsValid(Request, Answer(Report with { Headers = [new KeptHeader(0, Report.Headers[0].Origin), .. Report.Headers] })));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Answer_WithAnImpossibleTopic_IsNotValid(string change) => Assert.False(RecoverCheck.IsValid(Request, Answer(ReportChanges[change](Report))));

    [Fact]
    public void Answer_ToAnotherQuestion_IsNotValid()
    {
        Assert.False(RecoverCheck.IsValid(Request, Answer(Report) with { Lane = Lane.Of(User(1)) }));
        Assert.False(RecoverCheck.IsValid(Request, Answer(Report) with { Promised = new Ballot(5, Guid.NewGuid()) }));
        Assert.False(RecoverCheck.IsValid(Request, Answer(Report) with { IsPromised = false }));
        Assert.False(RecoverCheck.IsValid(Request, Answer() with { Topics = null! }));
    }

    [Fact]
    public void Answer_WhosePagesWouldNotEnd_IsNotValid()
    {
        var lane = Lane.Of(User(1));
        var (first, second) = (Report with { Topic = User(1) }, Report with { Topic = User(1 + Lane.UserPartitions) });
        var request = new RecoverRequest(lane, Ballot);

        Assert.True(RecoverCheck.IsValid(request, Answer(first, second) with { Lane = lane, HasMore = true }));
        Assert.False(RecoverCheck.IsValid(request, Answer(second, first) with { Lane = lane }));
        Assert.False(RecoverCheck.IsValid(request, Answer(first, first) with { Lane = lane }));
        Assert.False(RecoverCheck.IsValid(request, Answer() with { Lane = lane, HasMore = true }));
        Assert.False(RecoverCheck.IsValid(request with { After = second.Topic }, Answer(second) with { Lane = lane }));
    }

    [Fact]
    public void Answer_WithAPartOfTheHeaders_IsValidIfTheRestFollows()
    {
        var first = Report with { Headers = [.. Report.Headers.Take(2)], MoreHeadersAfter = 4 };
        var rest = Report with { Headers = [.. Report.Headers.Skip(2)] };
        var request = Request with { After = Room, HeadersAfter = 4 };

        Assert.True(RecoverCheck.IsValid(Request, Answer(first) with { HasMore = true }));
        Assert.False(RecoverCheck.IsValid(Request, Answer(first)));
        Assert.False(RecoverCheck.IsValid(Request, Answer(first with { MoreHeadersAfter = 3 }) with { HasMore = true }));
        Assert.False(RecoverCheck.IsValid(Request, Answer(first with { MoreHeadersAfter = 7 }) with { HasMore = true }));
        Assert.True(RecoverCheck.IsValid(request, Answer(rest)));
        Assert.False(RecoverCheck.IsValid(request, Answer(Report)));
        Assert.False(RecoverCheck.IsValid(request, Answer(rest with { Headers = [new KeptHeader(0, Report.Headers[0].Origin), .. rest.Headers] })));
        Assert.False(RecoverCheck.IsValid(request, Answer(Report with { Headers = [], MoreHeadersAfter = 4 }) with { HasMore = true }));
        Assert.False(RecoverCheck.IsValid(Request with { After = Room }, Answer(rest)));
    }

    [Fact]
    public void Answer_WithTooManyTopics_IsNotValid()
    {
        var topics = Enumerable.Range(0, RecoverRequest.MaxTopics + 1).Select(static at => Report with { Topic = User(1 + (at * Lane.UserPartitions)) }).ToArray();
        var lane = Lane.Of(User(1));

        Assert.True(RecoverCheck.IsValid(new RecoverRequest(lane, Ballot), Answer(topics[1..]) with { Lane = lane }));
        Assert.False(RecoverCheck.IsValid(new RecoverRequest(lane, Ballot), Answer(topics) with { Lane = lane }));
    }

    [Fact]
    public void Page_OfAGateway_IsValid()
    {
        Assert.True(RecoverCheck.IsValid(Fetch, Page(Message(4), Message(5), Message(6), Message(7))));
        Assert.True(RecoverCheck.IsValid(Fetch, Page(Message(6), Message(7))));
        Assert.True(RecoverCheck.IsValid(Fetch, Page()));
        Assert.True(RecoverCheck.IsValid(Fetch, Page(Message(7, FetchRequest.PageBytes + 1))));
    }

    [Fact]
    public void Page_ThatIsNotTheRequestedEnd_IsNotValid()
    {
        Assert.False(RecoverCheck.IsValid(Fetch, TailPage.NotReady));
        Assert.False(RecoverCheck.IsValid(Fetch, Page(Message(4), Message(5))));
        Assert.False(RecoverCheck.IsValid(Fetch, Page(Message(5), Message(7))));
        Assert.False(RecoverCheck.IsValid(Fetch, Page(Message(7), Message(6))));
        Assert.False(RecoverCheck.IsValid(Fetch, Page(Message(7), Message(8))));
        Assert.False(RecoverCheck.IsValid(Fetch, Page(Message(3), Message(4), Message(5), Message(6), Message(7))));
        Assert.False(RecoverCheck.IsValid(Fetch, Page(Message(7) with { Payload = null! })));
        Assert.False(RecoverCheck.IsValid(Fetch, Page(Message(6), Message(7, FetchRequest.PageBytes))));
    }

    private static RecoverAnswer Answer(params KeptTopicReport[] topics) => new(Request.Lane, Ballot, IsPromised: true, topics, HasMore: false);

    private static TailPage Page(params KeptMessage[] messages) => new(TailStatus.Page, Ballot, [], 7, 1, messages, HasMore: false);

    private static KeptMessage Message(long offset, int bytes = 1) => new(offset, default, 0, 0, new byte[bytes], IsVoid: false);
}
