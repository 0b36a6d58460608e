using System.Globalization;
using System.Numerics;
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
    [InlineData(":1")] // one behind '9'
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

    [Fact]
    public void TryParseId_RandomDigits_AgreesWithBigInteger()
    {
        var random = new Random(64);
        for (var round = 0; round < 20_000; round++)
        {
            var digits = string.Concat(Enumerable.Range(0, random.Next(1, 23)).Select(_ => (char)random.Next('0', '9' + 1)));
            var text = new[] { "", "+", "-" }[random.Next(3)] + digits;
            var value = BigInteger.Parse(text, CultureInfo.InvariantCulture);
            var isExpected = value >= long.MinValue && value <= long.MaxValue;

            var isParsed = Command.TryParseId(Encoding.ASCII.GetBytes(text), out var id);

            Assert.True((isExpected, isExpected ? (long)value : 0) == (isParsed, id), $"{text}: {isParsed}, {id}");
        }
    }

    [Theory]
    [InlineData("1,2", 1, 2)]
    [InlineData("-1,+2", -1, 2)]
    [InlineData(",", 0, 0)]
    [InlineData("1,", 1, 0)]
    [InlineData(",2", 0, 2)]
    [InlineData("x,2", 0, 2)]
    [InlineData("1,x", 1, 0)]
    [InlineData(" 1,2", 0, 2)]
    [InlineData("1, 2", 1, 0)]
    [InlineData("1,2,3", 1, 2)]
    [InlineData("1,2,", 1, 2)]
    [InlineData("1,2,,,:x", 1, 2)]
    [InlineData("1,2:x", 1, 0)]
    [InlineData("1:x,2", 0, 2)]
    [InlineData("hello, world", 0, 0)]
    public void Parse_AComma_IsAJoin(string message, long group, long channel)
    {
        var command = Command.Parse(Encoding.UTF8.GetBytes(message));

        Assert.Equal((CommandKind.Join, group, channel), (command.Kind, command.Group, command.Channel));
    }

    // What a client most likely did not mean: the original, too, took such a field for 0.
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

    [Theory]
    [InlineData(":", "")]
    [InlineData(":hello", "hello")]
    [InlineData("::", ":")]
    [InlineData(":1,2", "1,2")]
    [InlineData(": x ", " x ")]
    [InlineData(":€", "€")]
    public void Parse_AColonInFront_IsABroadcastOfTheRest(string message, string text)
    {
        var command = Command.Parse(Encoding.UTF8.GetBytes(message));

        Assert.Equal((CommandKind.Broadcast, text), (command.Kind, Encoding.UTF8.GetString(command.Text)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("12")]
    [InlineData("1:2")]
    [InlineData(" :x")]
    [InlineData("\0")]
    [InlineData("1;2")]
    public void Parse_Neither_IsInvalid(string message)
    {
        Assert.Equal(CommandKind.Invalid, Command.Parse(Encoding.UTF8.GetBytes(message)).Kind);
    }

    [Fact]
    public void Parse_RandomBytes_FollowsTheirFirstColonAndComma()
    {
        var random = new Random(9);
        for (var round = 0; round < 20_000; round++)
        {
            var message = Enumerable.Range(0, random.Next(0, 12)).Select(_ => (byte)":,0123 a\u00FF"[random.Next(9)]).ToArray();
            var expected = message is [(byte)':', ..] ? CommandKind.Broadcast : message.Contains((byte)',') ? CommandKind.Join : CommandKind.Invalid;

            Assert.True(expected == Command.Parse(message).Kind, Convert.ToHexString(message));
        }
    }
}
