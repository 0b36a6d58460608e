using Direct.Gateway.Cluster;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements what a gateway keeps, which the test sets.</summary>
internal sealed class FakeKeptLanes : IKeptLanes
{
    public HashSet<Lane> WithRings { get; } = [];

    /// <summary>Gets the reports of all topics, in their order.</summary>
    public List<KeptTopicReport> Reports { get; } = [];

    /// <summary>Gets or sets the answer to each read.</summary>
    public TailPage Page { get; set; } = TailPage.NotReady;

    /// <summary>Gets the installs that it was called with.</summary>
    public List<KeepRequest> Installed { get; } = [];

    /// <summary>Gets or sets what is called before it reports.</summary>
    public Action OnReport { get; set; } = static () => { };

    public bool HasRings(Lane lane) => WithRings.Contains(lane);

    /// <summary>Gets the bytes of each answer that it was asked for.</summary>
    public List<int> MaxBytes { get; } = [];

    public KeptTopicReport[] Report(RecoverRequest request, int maxBytes, out bool hasMore)
    {
        OnReport();
        MaxBytes.Add(maxBytes);
        hasMore = false;
        return [.. Reports.Where(report => Lane.Of(report.Topic) == request.Lane)];
    }

    public TailPage Read(FetchRequest request) => Page;

    public bool Keep(KeepRequest request)
    {
        Installed.Add(request);
        return Reports.Exists(report => report.Topic == request.Topic);
    }
}
