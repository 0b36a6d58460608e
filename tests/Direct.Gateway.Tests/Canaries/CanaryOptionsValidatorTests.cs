using Direct.Gateway.Canaries;

namespace Direct.Gateway.Tests.Canaries;

public sealed class CanaryOptionsValidatorTests
{
    [Fact]
    public void Defaults_AreAccepted() => Assert.True(new CanaryOptionsValidator().Validate(null, new CanaryOptions()).Succeeded);

    [Fact]
    public void None_WithAnyOtherTimes_IsAccepted() =>
        Assert.True(new CanaryOptionsValidator().Validate(null, new CanaryOptions { Interval = TimeSpan.Zero, Timeout = TimeSpan.FromMinutes(1) }).Succeeded);

    [Theory]
    [InlineData(0.4, 0.3, 10, "Direct:Canary:Interval is 00:00:00.4000000", "0 for no canaries")]
    [InlineData(3, 4, 10, "Direct:Canary:Timeout is 00:00:04", "at most Interval (00:00:03)")]
    [InlineData(3, 2, 4, "Direct:Canary:NotReadyAfter is 00:00:04", "at least Interval and Timeout together (00:00:05)")]
    public void Times_ThatDoNotFit_NameTheSettingAndTheRule(double interval, double timeout, double notReadyAfter, string setting, string rule)
    {
        var result = new CanaryOptionsValidator().Validate(null, new CanaryOptions
        {
            Interval = TimeSpan.FromSeconds(interval),
            Timeout = TimeSpan.FromSeconds(timeout),
            NotReadyAfter = TimeSpan.FromSeconds(notReadyAfter),
        });

        Assert.Contains(setting, result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains(rule, result.FailureMessage, StringComparison.Ordinal);
    }
}
