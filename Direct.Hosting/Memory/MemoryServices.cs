using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Direct.Memory;

/// <summary>Adds the budgets of memory.</summary>
internal static class MemoryServices
{
    /// <summary>Adds the watch and the budget of a process. A gateway and a silo in one process share them.</summary>
    public static IServiceCollection AddDirectMemory(this IServiceCollection services)
    {
        services.AddDirectOptions<MemoryOptions>(MemoryOptions.SectionName);
        services.TryAddSingleton(static _ => ProcessMemory.OfThisProcess());
        services.TryAddSingleton(static provider => new MemoryWatch(
            provider.GetRequiredService<ProcessMemory>(), provider.GetRequiredService<IOptions<MemoryOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IMemoryWatch>(static provider => provider.GetRequiredService<MemoryWatch>());
        services.TryAddSingleton(static provider => QueueBudget.Of(
            provider.GetRequiredService<IOptions<MemoryOptions>>().Value, provider.GetRequiredService<ProcessMemory>(), provider.GetRequiredService<IMemoryWatch>()));
        return services;
    }
}
