using System.Text;
using Direct.Edge.Keeping;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Keeping;

namespace Direct.Edge.Tests.Resuming;

/// <summary>Represents a kept topic of a keeper, with a member of each dialect. It is that of a user, because that sends at once.</summary>
internal sealed class FollowedFixture : IDisposable
{
    public const long E1 = 1, E2 = 2;

    public static readonly LeaderBallot A1 = new(1, Guid.NewGuid());
    public static readonly LeaderBallot A2 = new(2, Guid.NewGuid());
    public static readonly Guid P = Guid.NewGuid();

    public FollowedFixture(int bytesPerTopic = 1 << 20, long bytesPerProcess = 1L << 40)
    {
        Leader = new FakeLeader(Gateway.Clock);
        var budget = new KeepBudget(bytesPerProcess, TimeSpan.FromMinutes(2), Gateway.Watch, Gateway.Clock);
        var context = new KeptTopicContext(Gateway.Index, budget, Gateway.Wheel, bytesPerTopic, TimeSpan.FromMinutes(5), Gateway.Metrics, Users: null, static _ => { });
        Topic = new FollowedTopic(Direct.Edge.Topics.Topic.User(42), context, Leader);
        Topic.TryHold();
        Budget = budget;
    }

    public TestGateway Gateway { get; } = new();

    public FakeLeader Leader { get; }

    public KeepBudget Budget { get; }

    public FollowedTopic Topic { get; }

    public RecordingRecipient Original { get; } = new(42);

    public RecordingRecipient Direct2 { get; } = new(42) { SpeaksDirect2 = true };

    /// <summary>Gets what the member that speaks direct.2 has received: <c>1.5 text</c> for a message, and <c>gap 1.5</c> or <c>at 1.5</c>.</summary>
    public string[] Received => [.. Direct2.Texts.Select(Short)];

    /// <summary>Returns the table of one open epoch.</summary>
    public static EpochTable TableOf(long epoch) => EpochTable.Empty.Open(epoch);

    /// <summary>Returns the table of an epoch that ended at an offset, and one that follows it.</summary>
    public static EpochTable After(long first, long end, long second) => TableOf(first).CloseAt(end, 0).Open(second);

    /// <summary>Returns a page with these messages, which end with an offset.</summary>
    public static LogPage Page(LeaderBallot? ballot, EpochTable table, long head, params string[] texts) => new()
    {
        Ballot = ballot,
        Table = table,
        Head = head,
        First = 1,
        Entries = [.. texts.Select((text, i) => Entry(head - texts.Length + 1 + i, text))],
    };

    public static LogEntry Entry(long offset, string text) => new(offset, new Origin(P, offset, Guid.Empty), new KeptEntry(Encoding.UTF8.GetBytes(text), default));

    /// <summary>Lets the members join, when the topic is open.</summary>
    public void Join()
    {
        Gateway.Index.Enter(Original);
        Gateway.Index.Enter(Direct2);
    }

    /// <summary>Delivers a message whose sequence is its offset, unless another one is given.</summary>
    public KeptDelivery Deliver(Stamp stamp, string text, LeaderBallot? ballot, OriginalShare share = default, long? sequence = null, Guid idHash = default, int endedLogs = 0)
    {
        var stamping = new Stamping(stamp, ballot, new Origin(P, sequence ?? stamp.Offset, idHash), AcknowledgedThrough: 0, endedLogs);
        Assert.True(Topic.TryDeliver(new Target(0, 0, 42), Encoding.UTF8.GetBytes(text), stamping, share, out var delivery));
        return delivery;
    }

    /// <summary>Returns what a client gets that comes back with a position.</summary>
    public string[] Replay(Stamp position)
    {
        if (Topic.Check(position) is not PositionStatus.Covered)
        {
            return ["gap"];
        }

        using var page = Topic.Read(position, Direct2);
        return page.IsEvicted ? ["gap"] : [.. ServerBytes.Texts(page.Frames).Select(Short)];
    }

    public void Dispose() => Gateway.Dispose();

    private static string Short(string text)
    {
        var parts = text.Split(' ', '\n');
        var isNotice = parts[0] is "gap" or "at";
        var position = Position.TryParse(Encoding.ASCII.GetBytes(parts[isNotice ? 2 : 1]), out var stamp) ? $"{stamp.Epoch}.{stamp.Offset}" : "0";
        return isNotice ? $"{parts[0]} {position}" : $"{position} {parts[2]}";
    }
}
