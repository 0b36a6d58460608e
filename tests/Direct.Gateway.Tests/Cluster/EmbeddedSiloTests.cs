using Direct.Gateway.Cluster;
using Direct.Grains.Registry;
using Direct.Grains.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Cluster;

/// <summary>Tests the registry settings and the clock of a gateway with an embedded or a remote silo.</summary>
public sealed class EmbeddedSiloTests
{
    [Theory]
    [InlineData("Direct:Registry:LeaseDuration=00:00:02", "Direct:Registry:LeaseDuration is 00:00:02")]
    [InlineData("Direct:Registry:LeaseDuration=01:00:00", "Direct:Registry:LeaseDuration is 01:00:00")]
    [InlineData("Direct:Registry:LeaseDuration=00:00:15", "Direct:Cluster:FenceAfter is 00:00:15")]
    [InlineData("Direct:Cluster:FenceAfter=00:00:25", "Direct:Registry:LeaseDuration (00:00:20)")]
    public async Task Registry_OfTheProcess_IsValidated(string setting, string error)
    {
        await using var app = Build(setting);

        var thrown = Assert.Throws<OptionsValidationException>(() => Value<RegistryOptions>(app));

        Assert.Contains(thrown.Failures, failure => failure.Contains(error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Registry_LeaseAndFenceFit_IsBound()
    {
        await using var app = Build("Direct:Registry:LeaseDuration=00:00:31", "Direct:Cluster:FenceAfter=00:00:30");

        Assert.Equal(TimeSpan.FromSeconds(31), Value<RegistryOptions>(app).LeaseDuration);
    }

    /// <summary>Tests that the lease uses a clock that counts suspension. With another clock a suspended gateway would hold its lease for too long.</summary>
    [Theory]
    [InlineData("cluster=localhost")]
    [InlineData("cluster=mysql")]
    public async Task Clock_OfAGatewayWithALease_CountsSuspension(string cluster)
    {
        await using var app = Build(cluster.Replace("cluster", "Direct:Cluster:Provider", StringComparison.Ordinal), "Direct:Cluster:ConnectionString=Server=x;User ID=u;Database=d");

        Assert.IsAssignableFrom<BootTimeProvider>(app.Services.GetRequiredService<TimeProvider>());
    }

    private static TOptions Value<TOptions>(WebApplication app)
        where TOptions : class => app.Services.GetRequiredService<IOptions<TOptions>>().Value;

    private static WebApplication Build(params string[] arguments)
    {
        var builder = WebApplication.CreateSlimBuilder(arguments);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddCluster();
        return builder.Build();
    }
}
