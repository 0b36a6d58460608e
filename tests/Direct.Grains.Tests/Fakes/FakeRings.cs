using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements what a gateway keeps, and its promise, for one lane.</summary>
internal sealed class FakeRings
{
    private readonly SortedDictionary<long, (TopicKey Topic, FakeRing Ring)> _rings = [];

    public Ballot? Promised { get; set; }

    /// <summary>Gets the calls that installed logs, in their order.</summary>
    public List<KeepRequest> Installed { get; } = [];

    /// <summary>Gets the calls that read messages, in their order.</summary>
    public List<FetchRequest> Reads { get; } = [];

    /// <summary>Gets or sets the largest number of topics in an answer, and of messages in a page.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Gets or sets the largest number of headers of a topic in an answer.</summary>
    public int HeaderPageSize { get; set; } = 1000;

    public FakeRing this[TopicKey topic] => _rings[topic.Id].Ring;

    public void Add(TopicKey topic, FakeRing ring) => _rings.Add(topic.Id, (topic, ring));

    public void Remove(TopicKey topic) => _rings.Remove(topic.Id);

    public RecoverAnswer Recover(RecoverRequest request)
    {
        if (Promised > request.Ballot)
        {
            return new RecoverAnswer(request.Lane, Promised!, IsPromised: false, [], HasMore: false);
        }

        Promised = request.Ballot;
        var topics = _rings.Values.Where(entry => request.After is null || entry.Topic.Id >= request.After.Value.Id + (request.HeadersAfter > 0 ? 0 : 1))
            .Select(entry => entry.Ring.Report(entry.Topic, entry.Topic == request.After ? request.HeadersAfter : 0, HeaderPageSize)).ToList();
        var count = topics.FindIndex(static topic => topic.MoreHeadersAfter > 0) + 1;
        count = Math.Min(PageSize, count > 0 ? count : topics.Count);
        return new RecoverAnswer(request.Lane, request.Ballot, IsPromised: true, [.. topics.Take(count)], count < topics.Count || topics is [.., { MoreHeadersAfter: > 0 }]);
    }

    public TailPage Read(FetchRequest request)
    {
        Reads.Add(request);
        if (Promised > request.Ballot)
        {
            return TailPage.NotReady;
        }

        var ring = this[request.Topic];
        var messages = ring.Messages.Where(message => message.Offset > request.After && message.Offset <= request.Through).ToList();
        return new TailPage(
            TailStatus.Page, ring.InstalledUnder, [.. ring.Marks], ring.Head, ring.First, [.. messages.TakeLast(PageSize)], messages.Count > PageSize);
    }

    public bool Keep(KeepRequest request)
    {
        if (Promised > request.Ballot)
        {
            return false;
        }

        Installed.Add(request);
        this[request.Topic].Install(request);
        return true;
    }
}

/// <summary>Implements the end of the log of one topic, whose messages have their offsets as text.</summary>
internal sealed class FakeRing
{
    public Ballot? InstalledUnder { get; set; }

    public List<EpochMark> Marks { get; set; } = [];

    public List<KeptMessage> Messages { get; } = [];

    public List<KeptHeader> Headers { get; } = [];

    public long Head { get; private set; }

    public long First => Messages.Count > 0 ? Messages[0].Offset : Head + 1;

    public long Number { get; set; } = 1;

    /// <summary>Gets or sets whether it reports that it has fetched everything.</summary>
    public bool IsComplete { get; set; } = true;

    /// <summary>Returns a ring of an open epoch.</summary>
    public static FakeRing Of(long epoch, Ballot? installedUnder, long first, long head, Guid publisher = default)
    {
        var ring = new FakeRing { InstalledUnder = installedUnder, Marks = [new EpochMark(epoch, EpochMark.Open, TimeSpan.Zero)], Head = first - 1 };
        while (ring.Head < head)
        {
            ring.Append(ring.Head + 1, publisher);
        }

        return ring;
    }

    /// <summary>Appends a message whose publisher gave it a sequence.</summary>
    public void Append(long sequence, Guid publisher = default)
    {
        var origin = new MessageOrigin(publisher == default ? Batches.Publisher : publisher, sequence, Guid.Empty);
        Head++;
        Messages.Add(new KeptMessage(Head, origin, 0, 0, BitConverter.GetBytes(sequence), IsVoid: false));
        Headers.Add(new KeptHeader(Head, origin));
    }

    public void Install(KeepRequest request)
    {
        (InstalledUnder, Marks) = (request.Ballot, [.. request.Marks]);
        Messages.RemoveAll(message => message.Offset > request.Head);
        Headers.RemoveAll(header => header.Offset > request.Head);
        Head = Math.Min(Head, request.Head);
    }

    public KeptTopicReport Report(TopicKey topic, long headersAfter = 0, int maxHeaders = int.MaxValue)
    {
        var headers = Headers.Where(header => header.Offset > headersAfter).ToList();
        var page = headers.Take(maxHeaders).ToArray();
        return new KeptTopicReport(topic, InstalledUnder, [.. Marks], Head, First, Number, [.. page], page.Length < headers.Count ? page[^1].Offset : 0, IsComplete);
    }
}
