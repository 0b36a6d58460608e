using Direct.Telemetry.Logging;
using Direct.Testing.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Direct.Hosting.Tests.Telemetry;

public sealed class DroppedMessagesTests
{
    [Fact]
    public void Instruments_All_AreThoseOfTheDocument()
    {
        using var meters = new TestMeters();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddDirectLogging();
        builder.Services.AddSingleton<System.Diagnostics.Metrics.IMeterFactory>(meters);
        using var host = builder.Build();

        Assert.Contains(host.Services.GetServices<IHostedService>(), service => service is DroppedMessages);
        Assert.Equal(MetricsDocument.Of("process"), MetricsDocument.Of(meters.Instruments));
        Assert.All(meters.Instruments, instrument => Assert.False(string.IsNullOrWhiteSpace(instrument.Description), instrument.Name));
    }
}
