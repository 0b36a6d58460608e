using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Identity;

/// <summary>Adds the services that identify users and their addresses.</summary>
public static class IdentityServices
{
    /// <summary>Adds a session store under the name that selects it in <c>Direct:Sessions:Mode</c>. It is also in use if that is not set.</summary>
    public static IServiceCollection AddSessionStore(
        this IServiceCollection services, string name, Func<IServiceProvider, ISessionStore> make) =>
        services.AddSingleton(new SessionStoreName(name)).AddSingleton(make);

    internal static IServiceCollection AddDirectIdentity(this IServiceCollection services)
    {
        services.AddDirectOptions<SessionOptions>(SessionOptions.SectionName).AddSingleton<IValidateOptions<SessionOptions>, SessionOptionsValidator>();
        services.AddDirectOptions<IdentityOptions>(IdentityOptions.SectionName).AddSingleton<IValidateOptions<IdentityOptions>, IdentityOptionsValidator>();
        services.TryAddSingleton<ITestIds, LocalTestIds>();
        services.AddSingleton<TrustedProxies>();
        services.AddSingleton<ClientAddressReader>();
        services.AddSingleton<SessionStoreInUse>();
        services.AddSingleton<IdentityResolver>();
        return services.AddHostedService<SessionStoreRun>();
    }
}
