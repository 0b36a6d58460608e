using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Node;

/// <summary>Adds the services that every part of a node uses: its options, its addresses, and the gate that admits connections.</summary>
internal static class NodeServices
{
    public static IServiceCollection AddDirectNode(this IServiceCollection services) => services
        .AddDirectOptions<NodeOptions>(NodeOptions.SectionName)
        .AddDirectOptions<EndpointOptions>(EndpointOptions.SectionName)
        .AddSingleton<IValidateOptions<EndpointOptions>, EndpointOptionsValidator>()
        .AddSingleton<NodeGate>()
        .AddSingleton<NodeHealth>();
}
