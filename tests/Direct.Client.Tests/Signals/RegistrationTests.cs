using Direct.Client.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Client.Tests.Signals;

public sealed class RegistrationTests
{
    [Fact]
    public async Task AddDirectSignals_WithItsHandler_SendsThroughTheFactory()
    {
        using var handler = new ScriptedHandler(TimeProvider.System, ScriptedHandler.Answer(200, """{"id":"x","delivered":1,"gateways":1}"""));
        var services = new ServiceCollection();
        services.AddDirectSignals(options => options.Gateways.Add(new Uri("http://a.example"))).ConfigurePrimaryHttpMessageHandler(() => handler);
        await using var provider = services.BuildServiceProvider();

        var receipt = await provider.GetRequiredService<DirectSignals>().SignalAsync(DirectPart.Everyone, "hello", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((1, 1), (receipt.Delivered, handler.Requests.Count));
        Assert.Null(handler.Requests[0].Authorization);
        Assert.Same(provider.GetRequiredService<DirectSignals>(), provider.GetRequiredService<DirectSignals>());
    }

    [Fact]
    public void Options_WithFaults_NameThemAllButNotTheKey()
    {
        var options = new DirectSignalsOptions
        {
            Gateways = { new Uri("/relative", UriKind.Relative), new Uri("ftp://a.example") },
            Key = "not visible: é",
            TryTimeout = TimeSpan.FromMinutes(7),
            TotalTimeout = TimeSpan.FromMinutes(6),
            MaxBatch = 0,
            MaxBatchBytes = 0,
        };

        var exception = Assert.Throws<OptionsValidationException>(() => new DirectSignals(options, new ScriptedHandler(TimeProvider.System)));

        string[] names = ["/relative", "ftp://a.example", "Key", "TryTimeout", "TotalTimeout", "MaxBatch ", "MaxBatchBytes"];
        Assert.Equal(names.Length, exception.Failures.Count());
        Assert.All(names, name => Assert.Single(exception.Failures, failure => failure.Contains($"{name}", StringComparison.Ordinal) && (name != "TotalTimeout" || failure.StartsWith("DirectSignalsOptions.Total", StringComparison.Ordinal))));
        Assert.DoesNotContain("visible: é", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_WithoutAGateway_SayWhatIsMissing()
    {
        using var provider = new ServiceCollection().AddDirectSignals(_ => { }).Services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.Contains("Gateways is empty", exception.Message, StringComparison.Ordinal);
    }
}
