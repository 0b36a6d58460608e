using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>A cluster with one registry and as many lanes as are asked for; observers are their own references.</summary>
internal sealed class FakeGrains : IGrainFactory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FakeLaneGrain> _lanes = [];
    private readonly List<IAddressable> _references = [];

    public FakeRegistry Registry { get; } = new();

    public FakeQueryGrain Queries { get; } = new();

    /// <summary>Makes the lanes that are made from now on answer by themselves.</summary>
    public bool LanesPlaceAtOnce { get; set; }

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

    /// <summary>The grain of a lane.</summary>
    public FakeLaneGrain Lane(Lane lane) => (FakeLaneGrain)lane.Grain(this);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        typeof(TGrainInterface) == typeof(IGatewayRegistryGrain) ? (TGrainInterface)(object)Registry
        : typeof(TGrainInterface) == typeof(IGatewayQueryGrain) ? (TGrainInterface)(object)Query(primaryKey)
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

    private FakeQueryGrain Query(long key)
    {
        Queries.Keys.Add(key);
        return Queries;
    }

    private TGrainInterface Find<TGrainInterface>(object key)
    {
        lock (_gate)
        {
            var name = $"{typeof(TGrainInterface).Name}/{key}";
            if (!_lanes.TryGetValue(name, out var lane))
            {
                _lanes.Add(name, lane = new FakeLaneGrain { PlacesAtOnce = LanesPlaceAtOnce });
            }

            return (TGrainInterface)(object)lane;
        }
    }
}
