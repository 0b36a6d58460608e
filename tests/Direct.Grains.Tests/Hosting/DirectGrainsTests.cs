using Direct.Grains.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Direct.Grains.Tests.Hosting;

public sealed class DirectGrainsTests
{
    // Regression test: Orleans registers the system clock before a program configures the silo, so a TryAdd of our clock had no effect.
    [Fact]
    public void AddDirectGrains_ToASilo_ReplacesTheClockOfOrleans()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(static silo => silo.UseLocalhostClustering().AddDirectGrains());

        using var host = builder.Build();

        Assert.IsType<SteadyTimeProvider>(host.Services.GetRequiredService<TimeProvider>());
        Assert.IsType<SteadyTimeProvider>(host.Services.GetRequiredKeyedService<TimeProvider>(TimeProviderNames.Membership));
    }
}
