using Direct.Grains.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Direct.Grains.Tests.Hosting;

public sealed class DirectGrainsTests
{
    // Orleans registers the system's clock before it lets a program configure the silo, so adding ours where there is none did nothing.
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
