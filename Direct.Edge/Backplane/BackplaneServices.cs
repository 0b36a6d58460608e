using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Direct.Edge.Backplane;

/// <summary>Adds a backplane.</summary>
public static class BackplaneServices
{
    /// <summary>Adds the backplane of a node that is alone.</summary>
    public static WebApplicationBuilder AddInProcessBackplane(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<IBackplane, InProcessBackplane>();
        return builder;
    }
}
