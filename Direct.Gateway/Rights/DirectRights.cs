using Direct.Edge.Rights;
using Direct.Lookups;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Rights;

/// <summary>Adds the sources of rights to a node.</summary>
public static class DirectRights
{
    /// <summary>Adds the sources <c>sql</c> and <c>http</c>. The one that <c>Direct:Rights:Mode</c> names is used.</summary>
    public static WebApplicationBuilder AddRightsSources(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<RightsOptions>, RightsConnectionValidator>();
        builder.Services.TryAddSingleton<RightsDatabase>();
        builder.Services.TryAddSingleton<RightsHook>();
        builder.Services.AddRightsSource(RightsMode.Sql, static provider => SourceOf(provider, provider.GetRequiredService<RightsDatabase>()));
        builder.Services.AddRightsSource(RightsMode.Http, static provider => SourceOf(provider, provider.GetRequiredService<RightsHook>()));
        return builder;
    }

    private static RightsSource SourceOf(IServiceProvider provider, IRightsLookup lookup) => new(
        lookup,
        ActivatorUtilities.CreateInstance<RightsCircuit>(provider, lookup, provider.GetRequiredKeyedService<LookupMetrics>(RightsServices.Area)),
        provider.GetRequiredService<IOptions<RightsOptions>>().Value.Timeout,
        provider.GetRequiredService<TimeProvider>());
}
