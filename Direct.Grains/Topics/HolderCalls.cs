using Direct.Grains.Gateways;
using Direct.Grains.Links;

namespace Direct.Grains.Topics;

/// <summary>Collects what gateways are asked to keep: at most one call to each, of limited size.</summary>
internal sealed class HolderCalls
{
    // Each takes about 25 bytes. A topic has one for each activation of its lane within the last minutes.
    private const int MaxMarks = 10_000;

    private readonly Dictionary<Guid, Call> _calls = [];
    private readonly Func<Guid, bool> _isLeaving;
    private readonly IGatewayLink[] _candidates;

    /// <param name="links">The live gateways.</param>
    /// <param name="isLeaving">Whether a gateway is being stopped.</param>
    public HolderCalls(IReadOnlyList<IGatewayLink> links, Func<Guid, bool> isLeaving)
    {
        _isLeaving = isLeaving;
        _candidates = [.. links.Where(link => link.Keeps && !isLeaving(link.Id) && !link.IsUnresponsive())];
        foreach (var link in links)
        {
            _calls.Add(link.Id, new Call(link));
        }
    }

    /// <summary>Gets the calls.</summary>
    public IEnumerable<(IGatewayLink Gateway, KeepRequest[] Requests)> All =>
        _calls.Values.Where(static call => call.Requests.Count > 0).Select(static call => (call.Gateway, call.Requests.ToArray()));

    /// <summary>Gets the number of topics that gateways are asked to keep.</summary>
    public int Asked { get; private set; }

    /// <summary>Returns whether a gateway is being stopped.</summary>
    public bool IsLeaving(Guid gateway) => _isLeaving(gateway);

    /// <summary>Returns whether a topic is kept by a gateway that is not being stopped.</summary>
    public bool AnyStays(Subscribers keepers) => keepers.Keepers.Any(gateway => !_isLeaving(gateway));

    /// <summary>Returns a gateway that may keep a topic: the first choice, and after each try the next. Null if there is none.</summary>
    public IGatewayLink? Choose(TopicKey topic, int tries) => _candidates.Length == 0
        ? null
        : _candidates.OrderByDescending(link => Rendezvous.WeightOf(topic, link.Id)).ElementAt(tries % _candidates.Length);

    /// <summary>Adds a request to the call to a gateway. Returns false if the call is full, or the gateway has left.</summary>
    public bool TryAdd(Guid gateway, KeepRequest request)
    {
        if (!_calls.TryGetValue(gateway, out var call) || call.Requests.Count == KeepRequest.MaxTopics || call.Marks + request.Marks.Length > MaxMarks)
        {
            return false;
        }

        call.Requests.Add(request);
        call.Marks += request.Marks.Length;
        Asked += request.KeepFor > TimeSpan.Zero ? 1 : 0;
        return true;
    }

    private sealed class Call(IGatewayLink gateway)
    {
        public IGatewayLink Gateway => gateway;

        public List<KeepRequest> Requests { get; } = [];

        public int Marks { get; set; }
    }
}
