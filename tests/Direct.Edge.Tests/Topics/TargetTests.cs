using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Topics;

public sealed class TargetTests
{
    [Theory]
    [InlineData("1,2,3", 1, 2, 3)]
    [InlineData("0,0,0", 0, 0, 0)]
    [InlineData("-1,+2,-0", -1, 2, 0)]
    [InlineData("007,0,0", 7, 0, 0)]
    [InlineData("9223372036854775807,-9223372036854775808,0", long.MaxValue, long.MinValue, 0)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001,0,0", 1, 0, 0)]
    public void TryParse_ThreeNumbers_IsTheTarget(string text, long group, long channel, long user)
    {
        var isParsed = Target.TryParse(text, out var target);

        Assert.Equal((true, new Target(group, channel, user)), (isParsed, target));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData(",,")]
    [InlineData("1")]
    [InlineData("1,2")]
    [InlineData("1,2,")]
    [InlineData(",1,2")]
    [InlineData("1,,2")]
    [InlineData("1,2,3,")]
    [InlineData("1,2,3,4")]
    [InlineData("1,2,3,4,5,6")]
    [InlineData("1,2,x")]
    [InlineData("x,2,3")]
    [InlineData("1,x,3")]
    [InlineData(" 1,2,3")]
    [InlineData("1,2,3 ")]
    [InlineData("1, 2,3")]
    [InlineData("1,2,3.0")]
    [InlineData("1,2,0x3")]
    [InlineData("1,2,+-3")]
    [InlineData("1;2;3")]
    [InlineData("1,2,9223372036854775808")]
    [InlineData("1,2,-9223372036854775809")]
    [InlineData("1,2,\u0663")] // ARABIC-INDIC DIGIT THREE
    [InlineData("1,2,\uFF13")] // FULLWIDTH DIGIT THREE
    [InlineData("1,2,3\0")]
    public void TryParse_AnythingElse_IsFalse(string text)
    {
        Assert.Equal((false, default), (Target.TryParse(text, out var target), target));
    }

    [Fact]
    public void TryParse_VeryLong_IsFalse()
    {
        Assert.False(Target.TryParse(new string('1', 100_000) + ",2,3", out _));
    }

    [Fact]
    public void ToString_AnyTarget_IsParsedBack()
    {
        var target = new Target(long.MinValue, 0, long.MaxValue);

        Assert.Equal((true, target), (Target.TryParse(target.ToString(), out var parsed), parsed));
    }

    // Every field that is not 0 must be the connection's own: all combinations of any, equal and other.
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
