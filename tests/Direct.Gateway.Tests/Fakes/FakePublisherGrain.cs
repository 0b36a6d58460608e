using Direct.Grains.Topics;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a publisher grain on one silo. It passes every batch to the grain of its lane, and responds when all lanes have responded.</summary>
internal sealed class FakePublisherGrain(FakeGrains grains, Guid silo) : IPublisherGrain
{
    private readonly Lock _gate = new();
    private readonly List<PublishRequest[]> _calls = [];

    /// <summary>Gets the recorded publish calls.</summary>
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

    /// <summary>Gets or sets the handler of a call; <see cref="PassOnAsync"/> by default.</summary>
    public Func<PublishRequest[], Task<PublisherAnswer>>? OnPublish { get; set; }

    public async ValueTask<PublisherAnswer> PublishAsync(PublishRequest[] requests)
    {
        lock (_gate)
        {
            _calls.Add(requests);
        }

        return await (OnPublish is { } publish ? publish(requests) : PassOnAsync(requests));
    }

    /// <summary>Publishes every batch through its lane.</summary>
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
