using System.Diagnostics.Metrics;
using Direct.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the clients of Direct.</summary>
public static class DirectServiceCollectionExtensions
{
    /// <summary>Registers <see cref="DirectSignals"/> as a singleton that uses <see cref="IHttpClientFactory"/>. The options are checked when the host starts.</summary>
    /// <returns>The builder of the HTTP client, for further handlers.</returns>
    public static IHttpClientBuilder AddDirectSignals(this IServiceCollection services, Action<DirectSignalsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<DirectSignalsOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DirectSignalsOptions>, DirectSignalsOptionsValidator>());
        services.TryAddSingleton(static provider =>
        {
            var factory = provider.GetRequiredService<IHttpClientFactory>();
            return new DirectSignals(
                provider.GetRequiredService<IOptions<DirectSignalsOptions>>().Value,
                () => factory.CreateClient(DirectSignals.HttpClientName),
                provider.GetService<ILogger<DirectSignals>>(),
                provider.GetService<IMeterFactory>(),
                provider.GetService<TimeProvider>(),
                Random.Shared);
        });

        // A redirect would turn a POST into a GET. The timeouts are those of the options.
        return services.AddHttpClient(DirectSignals.HttpClientName, static client => client.Timeout = Timeout.InfiniteTimeSpan)
            .UseSocketsHttpHandler(static (handler, _) => handler.AllowAutoRedirect = false);
    }
}
