using System.Text;
using Direct.Edge.Protocol;

namespace Direct.Edge.Tests.Protocol;

public sealed class CommandTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("+1", 1)]
    [InlineData("-1", -1)]
    [InlineData("-0", 0)]
    [InlineData("+0", 0)]
    [InlineData("007", 7)]
    [InlineData("-007", -7)]
    [InlineData("00000000000000000000000000000000000000000000000001", 1)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("+9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775807", -long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("-0009223372036854775808", long.MinValue)]
    [InlineData("1000000000000000000", 1000000000000000000)]
    public void TryParseId_WhatAtoiTakes_IsTaken(string field, long expected)
    {
        var isParsed = Command.TryParseId(Encoding.UTF8.GetBytes(field), out var id);

        Assert.Equal((true, expected), (isParsed, id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData("+-1")]
    [InlineData("-+1")]
    [InlineData("--1")]
    [InlineData("1-")]
    [InlineData("1+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1\t")]
    [InlineData("1\0")]
    [InlineData("1\n")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("0x5")]
    [InlineData("1_000")]
    [InlineData("1'000")]
    [InlineData("five")]
    [InlineData("/")] // one before '0'
    [InlineData(":1")] // one after '9'
    [InlineData("\u0665")] // ARABIC-INDIC DIGIT FIVE
    [InlineData("\uFF15")] // FULLWIDTH DIGIT FIVE
    [InlineData("\u22121")] // MINUS SIGN
    [InlineData("9223372036854775808")]
    [InlineData("+9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("9223372036854775810")]
    [InlineData("18446744073709551615")]
    [InlineData("18446744073709551616")]
    [InlineData("-18446744073709551617")]
    [InlineData("99999999999999999999999999999999999999")]
    public void TryParseId_WhatAtoiRefuses_CountsAsZero(string field)
    {
        var isParsed = Command.TryParseId(Encoding.UTF8.GetBytes(field), out var id);

        Assert.Equal((false, 0L), (isParsed, id));
    }

    // These messages are probably mistakes of the client. The original Direct also read such a field as 0.
    [Theory]
    [InlineData("7,1\n", true)]
    [InlineData("7,1\r\n", true)]
    [InlineData("7, 1", true)]
    [InlineData(" 7,1", true)]
    [InlineData("7,", true)]
    [InlineData(",1", true)]
    [InlineData("7,1.0", true)]
    [InlineData("9223372036854775808,1", true)]
    [InlineData("7,1", false)]
    [InlineData("0,0", false)]
    [InlineData("-7,+1", false)]
    [InlineData("7,1,x", false)]
    [InlineData(":7,1\n", false)]
    public void Parse_AJoinWithAFieldThatIsNoNumber_IsKnownAsSuch(string message, bool isMalformed)
    {
        Assert.Equal(isMalformed, Command.Parse(Encoding.UTF8.GetBytes(message)).IsMalformed);
    }
}
