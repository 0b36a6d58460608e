using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Node;

/// <summary>Adds what every part of a node reads: which node it is, where it listens, and whether it admits connections.</summary>
internal static class NodeServices
{
    public static IServiceCollection AddDirectNode(this IServiceCollection services) => services
        .AddDirectOptions<NodeOptions>(NodeOptions.SectionName)
        .AddDirectOptions<EndpointOptions>(EndpointOptions.SectionName)
        .AddSingleton<IValidateOptions<EndpointOptions>, EndpointOptionsValidator>()
        .AddSingleton<NodeGate>()
        .AddSingleton<NodeHealth>();
}
