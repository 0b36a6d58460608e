using System.Collections;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Adds services to those of the program, but lets <see cref="ClusterStart"/> start the hosted ones. The host starts its services one after the other
/// and Kestrel last, so that a service that waits for the cluster would keep Kestrel from listening.
/// </summary>
internal sealed class DeferredServices(IServiceCollection services) : IServiceCollection
{
    public int Count => services.Count;

    public bool IsReadOnly => services.IsReadOnly;

    public ServiceDescriptor this[int index]
    {
        get => services[index];
        set => services[index] = Defer(value);
    }

    public void Add(ServiceDescriptor item) => services.Add(Defer(item));

    public void Insert(int index, ServiceDescriptor item) => services.Insert(index, Defer(item));

    public bool Remove(ServiceDescriptor item) => services.Remove(item);

    public void RemoveAt(int index) => services.RemoveAt(index);

    public void Clear() => services.Clear();

    public bool Contains(ServiceDescriptor item) => services.Contains(item);

    public int IndexOf(ServiceDescriptor item) => services.IndexOf(item);

    public void CopyTo(ServiceDescriptor[] array, int arrayIndex) => services.CopyTo(array, arrayIndex);

    public IEnumerator<ServiceDescriptor> GetEnumerator() => services.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static ServiceDescriptor Defer(ServiceDescriptor service) => service switch
    {
        { IsKeyedService: true } => service,
        _ when service.ServiceType != typeof(IHostedService) => service,
        { ImplementationInstance: { } instance } => new ServiceDescriptor(service.ServiceType, ClusterStart.Key, instance),
        { ImplementationFactory: { } make } => new ServiceDescriptor(service.ServiceType, ClusterStart.Key, (provider, _) => make(provider), service.Lifetime),
        _ => new ServiceDescriptor(service.ServiceType, ClusterStart.Key, service.ImplementationType!, service.Lifetime),
    };
}
