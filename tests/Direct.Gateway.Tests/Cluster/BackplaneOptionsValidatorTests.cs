using Direct.Gateway.Cluster;

namespace Direct.Gateway.Tests.Cluster;

public sealed class BackplaneOptionsValidatorTests
{
    [Theory]
    [InlineData(5, 15, true)]
    [InlineData(5.1, 15, false)]
    public void Validate_RenewIntervalAgainstTheFence_MustBeAThird(double renewInterval, double fenceAfter, bool isFine)
    {
        var faults = Faults(new BackplaneOptions { RenewInterval = TimeSpan.FromSeconds(renewInterval), FenceAfter = TimeSpan.FromSeconds(fenceAfter) });

        Assert.Equal(isFine, faults.Count == 0);
        Assert.All(faults, fault => Assert.Contains("Direct:Cluster:RenewInterval", fault, StringComparison.Ordinal));
    }

    private static List<string> Faults(BackplaneOptions options) => [.. new BackplaneOptionsValidator().Validate(null, options).Failures ?? []];
}
