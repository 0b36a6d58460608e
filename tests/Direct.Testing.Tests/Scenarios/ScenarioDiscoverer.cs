using Xunit.Sdk;
using Xunit.v3;

namespace Direct.Testing.Tests.Scenarios;

/// <summary>Finds the tests of the scenario that this process was started for, and no others.</summary>
public sealed class ScenarioDiscoverer : FactDiscoverer
{
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions,
        IXunitTestMethod testMethod,
        IFactAttribute factAttribute) =>
        factAttribute is ScenarioAttribute scenario && scenario.Name == ScenarioRun.Current
            ? base.Discover(discoveryOptions, testMethod, factAttribute)
            : new ValueTask<IReadOnlyCollection<IXunitTestCase>>([]);
}
