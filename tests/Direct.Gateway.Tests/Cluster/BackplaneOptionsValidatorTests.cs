using Direct.Gateway.Cluster;

namespace Direct.Gateway.Tests.Cluster;

public sealed class BackplaneOptionsValidatorTests
{
    [Theory]
    [InlineData(5, 15, true)]
    [InlineData(5.1, 15, false)]
    public void Validate_RenewIntervalAgainstTheFence_MustBeAThird(double renewInterval, double fenceAfter, bool isFine)
    {
        var errors = Errors(new BackplaneOptions { RenewInterval = TimeSpan.FromSeconds(renewInterval), FenceAfter = TimeSpan.FromSeconds(fenceAfter) });

        Assert.Equal(isFine, errors.Count == 0);
        Assert.All(errors, error => Assert.Contains("Direct:Cluster:RenewInterval", error, StringComparison.Ordinal));
    }

    private static List<string> Errors(BackplaneOptions options) => [.. new BackplaneOptionsValidator().Validate(null, options).Failures ?? []];
}
