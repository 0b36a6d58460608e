using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Topics;

public sealed class TargetTests
{
    // Every field other than 0 must equal that of the connection. Covers all combinations of any, equal and different.
    [Fact]
    public void Matches_EveryCombination_IsTheRule()
    {
        foreach (var group in new long[] { 0, 1, 9 })
        {
            foreach (var channel in new long[] { 0, 2, 9 })
            {
                foreach (var user in new long[] { 0, -3, 9 })
                {
                    var expected = group != 9 && channel != 9 && user != 9;

                    Assert.True(
                        expected == new Target(group, channel, user).Matches(1, 2, -3),
                        $"{group},{channel},{user}: expected {expected}");
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 0, 0, false)]
    [InlineData(0, 1, 0, false)]
    [InlineData(0, 0, 5, true)]
    [InlineData(0, 0, 0, true)]
    public void Matches_ConnectionThatHasJoinedNothing_OnlyByAnyOrItsUser(long group, long channel, long user, bool expected)
    {
        Assert.Equal(expected, new Target(group, channel, user).Matches(0, 0, 5));
    }
}
