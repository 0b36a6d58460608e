using Direct.Grains.Topics;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a publisher on one silo: hands every batch to the grain of its lane, and answers when all have.</summary>
internal sealed class FakePublisherGrain(FakeGrains grains, Guid silo) : IPublisherGrain
{
    private readonly Lock _gate = new();
    private readonly List<PublishRequest[]> _calls = [];

    /// <summary>Gets every call so far.</summary>
    public IReadOnlyList<PublishRequest[]> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    public Guid Silo => silo;

    /// <summary>Gets or sets what becomes of a call; by default what <see cref="PassOnAsync"/> does.</summary>
    public Func<PublishRequest[], Task<PublisherAnswer>>? OnPublish { get; set; }

    public async ValueTask<PublisherAnswer> PublishAsync(PublishRequest[] requests)
    {
        lock (_gate)
        {
            _calls.Add(requests);
        }

        return await (OnPublish is { } publish ? publish(requests) : PassOnAsync(requests));
    }

    /// <summary>Has every batch placed by its lane.</summary>
    public async Task<PublisherAnswer> PassOnAsync(PublishRequest[] requests) => new(Silo, await Task.WhenAll(requests.Select(PassOneOnAsync)));

    private async Task<PublishAnswer?> PassOneOnAsync(PublishRequest request)
    {
        try
        {
            grains.OnPublished(silo, request.Batch.Lane);
            return await grains.Lane(request.Batch.Lane).PublishAsync(request.Batch, request.ExpectedEpoch) with { Silo = grains.SiloOfLane(request.Batch.Lane) };
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
