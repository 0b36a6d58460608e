using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Edge.BackendApi;

/// <summary>Adds the services that every call of a backend needs.</summary>
internal static class BackendApiServices
{
    public static IServiceCollection AddDirectBackendApi(this IServiceCollection services) => services
        .AddDirectOptions<SignalOptions>(SignalOptions.SectionName)
        .AddSingleton<IValidateOptions<SignalOptions>, SignalOptionsValidator>()
        .AddSingleton<FailedAttempts>()
        .AddSingleton<ForeignPage>()
        .AddSingleton<SignalAccess>();
}
