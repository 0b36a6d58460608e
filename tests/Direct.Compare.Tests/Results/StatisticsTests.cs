using Direct.Compare.Results;

namespace Direct.Compare.Tests.Results;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new double[] { 7 }, 7, 7, 7)]
    [InlineData(new double[] { 9, 1, 5 }, 5, 1, 9)]
    [InlineData(new double[] { 4, 1, 2, 100 }, 3, 1, 100)]
    public void Of_SomeRuns_IsTheMiddleAndTheEnds(double[] values, double median, double least, double most)
    {
        Assert.Equal(new Statistics(median, least, most), Statistics.Of(values));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.0514, "0.051")]
    [InlineData(0.9999, "1")]
    [InlineData(1.246, "1.25")]
    [InlineData(12.34, "12.3")]
    [InlineData(99.99, "100")]
    [InlineData(5421819.4, "5,421,819")]
    [InlineData(-2.5, "-2.5")]
    public void Text_OfANumber_HasTheDigitsThatCount(double value, string expected)
    {
        Assert.Equal(expected, Numbers.Text(value));
    }
}
