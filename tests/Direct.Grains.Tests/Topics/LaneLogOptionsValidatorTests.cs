using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Topics;

public sealed class LaneLogOptionsValidatorTests
{
    [Fact]
    public void Validate_Defaults_HaveNoError() => Assert.Empty(Errors(new LaneLogOptions()));

    [Theory]
    [InlineData(0.24, false)]
    [InlineData(0.25, true)]
    [InlineData(5, true)]
    [InlineData(5.1, false)]
    public void Validate_RecoverForAgainstOtherTimes_MustBeBetweenThem(double recoverFor, bool isFine)
    {
        var errors = Errors(new LaneLogOptions { RecoverFor = TimeSpan.FromSeconds(recoverFor) });

        Assert.Equal(isFine, errors.Count == 0);
        Assert.All(errors, error => Assert.Contains("Direct:Keep:RecoverFor", error, StringComparison.Ordinal));
    }

    private static List<string> Errors(LaneLogOptions options) => [.. new LaneLogOptionsValidator().Validate(null, options).Failures ?? []];
}
