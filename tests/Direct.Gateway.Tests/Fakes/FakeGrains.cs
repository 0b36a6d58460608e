using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a grain factory with one registry, and a lane grain for every requested key. Observers are their own references.</summary>
internal sealed class FakeGrains : IGrainFactory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FakeLaneGrain> _lanes = [];
    private readonly List<IAddressable> _references = [];

    public FakeGrains()
    {
        Publisher = new FakePublisherGrain(this, Guid.NewGuid());
        SiloOfLane = _ => Publisher.Silo;
    }

    public FakeRegistry Registry { get; } = new();

    public FakeQueryGrain Queries { get; } = new();

    public FakeCanaryGrain Canaries { get; } = new();

    /// <summary>Gets the publisher of every key, unless <see cref="SiloOfKey"/> is set.</summary>
    public FakePublisherGrain Publisher { get; }

    /// <summary>Gets or sets whether the silos support publisher grains.</summary>
    public bool KnowsPublishers { get; set; } = true;

    /// <summary>Gets or sets the silo of the publisher of a key. Null means that there is one silo.</summary>
    public Func<long, Guid>? SiloOfKey { get; set; }

    /// <summary>Gets or sets the silo of a lane.</summary>
    public Func<Lane, Guid> SiloOfLane { get; set; }

    /// <summary>Gets or sets a callback that runs for each published batch, with the silo that publishes it.</summary>
    public Action<Guid, Lane> OnPublished { get; set; } = static (_, _) => { };

    /// <summary>Gets or sets whether lanes that are created from now on accept every publish by themselves.</summary>
    public bool LanesAcceptAtOnce { get; set; }

    /// <summary>Gets the observer references that the cluster could call now.</summary>
    public IReadOnlyList<IAddressable> References
    {
        get
        {
            lock (_gate)
            {
                return [.. _references];
            }
        }
    }

    public FakeLaneGrain Lane(Lane lane) => (FakeLaneGrain)lane.Grain(this);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        typeof(TGrainInterface) == typeof(IGatewayRegistryGrain) ? (TGrainInterface)(object)Registry
        : typeof(TGrainInterface) == typeof(IGatewayQueryGrain) ? (TGrainInterface)(object)Queries
        : typeof(TGrainInterface) == typeof(ICanaryGrain) ? (TGrainInterface)(object)Canaries
        : typeof(TGrainInterface) == typeof(IPublisherGrain) ? (TGrainInterface)(object)PublisherOf(primaryKey)
        : Find<TGrainInterface>(primaryKey);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => Find<TGrainInterface>(primaryKey);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        lock (_gate)
        {
            _references.Add(obj);
        }

        return (TGrainObserverInterface)obj;
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        lock (_gate)
        {
            _references.Remove(obj);
        }
    }

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => throw new NotSupportedException();

    public IAddressable GetGrain(GrainId grainId) => throw new NotSupportedException();

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => throw new NotSupportedException();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => throw new NotSupportedException();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) => throw new NotSupportedException();

    private FakePublisherGrain PublisherOf(long key) =>
        !KnowsPublishers ? throw new ArgumentException($"Could not find an implementation for interface {nameof(IPublisherGrain)}")
        : SiloOfKey is null ? Publisher
        : new FakePublisherGrain(this, SiloOfKey(key));

    private TGrainInterface Find<TGrainInterface>(object key)
    {
        lock (_gate)
        {
            var name = $"{typeof(TGrainInterface).Name}/{key}";
            if (!_lanes.TryGetValue(name, out var lane))
            {
                _lanes.Add(name, lane = new FakeLaneGrain { AcceptsAtOnce = LanesAcceptAtOnce });
            }

            return (TGrainInterface)(object)lane;
        }
    }
}
