using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a cluster with one registry and as many lanes as are asked for; observers are their own references.</summary>
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

    /// <summary>Gets the publisher of every key, unless <see cref="SiloOfKey"/> says otherwise.</summary>
    public FakePublisherGrain Publisher { get; }

    /// <summary>Gets or sets whether the silos are new enough to have publishers.</summary>
    public bool KnowsPublishers { get; set; } = true;

    /// <summary>On which silo the publisher of a key is. Null: there is one silo.</summary>
    public Func<long, Guid>? SiloOfKey { get; set; }

    /// <summary>On which silo a lane is.</summary>
    public Func<Lane, Guid> SiloOfLane { get; set; }

    /// <summary>Told of each batch that is published, and by which silo.</summary>
    public Action<Guid, Lane> OnPublished { get; set; } = static (_, _) => { };

    /// <summary>Makes the lanes that are made from now on answer by themselves.</summary>
    public bool LanesAcceptAtOnce { get; set; }

    /// <summary>Observers that the cluster could call now.</summary>
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

    /// <summary>Returns the grain of a lane.</summary>
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
