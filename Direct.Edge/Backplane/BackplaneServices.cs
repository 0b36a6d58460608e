using Direct.Edge.Keeping;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Direct.Edge.Backplane;

/// <summary>Adds a backplane to a node.</summary>
public static class BackplaneServices
{
    /// <summary>Adds the backplane of a single node, which is not part of a cluster, and so numbers and keeps messages itself.</summary>
    public static WebApplicationBuilder AddInProcessBackplane(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<KeepOptions>(static keep => keep.Role = KeepRole.Leader);
        builder.Services.TryAddSingleton<IBackplane, InProcessBackplane>();
        return builder;
    }
}
