using System.Text;
using Direct.Edge.Protocol;

namespace Direct.Edge.Tests.Protocol;

public sealed class CommandLineTests
{
    private const int RandomLines = 20_000;

    public static TheoryData<string> Valid =>
    [
        "auth token", "auth", "auth ", "auth a b  c", "since 7,1,0 e1-4", "since 0,0,-5 #", "join 7,1", "join 7,0 #a", "join 0,-3 #Ab3",
        "leave -9223372036854775808,9223372036854775807 #1234567890abcdef", "say 7,1", "say 7,1 #1", "say 7,1 id=x", "say 7,1 id=a#b=c #1",
    ];

    [Theory]
    [InlineData("auth token", "token")]
    [InlineData("auth", "")]
    [InlineData("auth ", "")]
    [InlineData("auth  a #b ", " a #b ")]
    public void Parse_Auth_TakesEverythingAfterTheFirstSpace(string line, string token)
    {
        var command = Parse(line);

        Assert.Equal((Verb.Auth, true, token), (command.Verb, command.IsValid, Text(command.Token)));
    }

    [Theory]
    [InlineData("join 7,1", (int)Verb.Join, 7, 1, "", "")]
    [InlineData("join 7,0 #r1", (int)Verb.Join, 7, 0, "", "r1")]
    [InlineData("leave 0,-3", (int)Verb.Leave, 0, -3, "", "")]
    [InlineData("say 7,1", (int)Verb.Say, 7, 1, "", "")]
    [InlineData("say 7,1 #1", (int)Verb.Say, 7, 1, "", "1")]
    [InlineData("say 7,1 id=a=b", (int)Verb.Say, 7, 1, "a=b", "")]
    [InlineData("say 7,1 id=#1 #2", (int)Verb.Say, 7, 1, "#1", "2")]
    [InlineData("join 0,0", (int)Verb.Join, 0, 0, "", "")]
    public void Parse_RoomCommand_HasItsWords(string line, int verb, long group, long channel, string id, string reference)
    {
        var command = Parse(line);

        Assert.Equal(
            ((Verb)verb, true, group, channel, id, reference),
            (command.Verb, command.IsValid, command.Group, command.Channel, Text(command.Id), Text(command.Reference)));
    }

    [Fact]
    public void Parse_Since_SplitsPartAndPosition()
    {
        var command = Parse("since 7,1,0 #a");

        Assert.Equal((Verb.Since, true, "7,1,0", "#a"), (command.Verb, command.IsValid, Text(command.Part), Text(command.Position)));
    }

    [Theory]
    [InlineData("join")]
    [InlineData("join ")]
    [InlineData("join 7")]
    [InlineData("join 7,")]
    [InlineData("join ,1")]
    [InlineData("join 7,1,0")]
    [InlineData("join +7,1")]
    [InlineData("join 07,1")]
    [InlineData("join -0,1")]
    [InlineData("join 7,1 ")]
    [InlineData("join  7,1")]
    [InlineData("join 7, 1")]
    [InlineData("join 7,1\r")]
    [InlineData("join 9223372036854775808,1")]
    [InlineData("join 7,1 x")]
    [InlineData("join 7,1 #")]
    [InlineData("join 7,1 #a-b")]
    [InlineData("join 7,1 #12345678901234567")]
    [InlineData("join 7,1 id=x")]
    [InlineData("join 7,1 #a #b")]
    [InlineData("say 7,1 id=")]
    [InlineData("say 7,1 id=ä")]
    [InlineData("say 7,1 #1 id=x")]
    [InlineData("say 7,1 id=x id=y")]
    [InlineData("say 7,1 hello")]
    [InlineData("since")]
    [InlineData("since 7,1,0")]
    public void Parse_KnownVerbWithOtherWords_IsInvalid(string line)
    {
        var command = Parse(line);

        Assert.Equal((false, false), (command.IsValid, command.Verb is Verb.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("Join 7,1")]
    [InlineData("joins 7,1")]
    [InlineData("7,1")]
    [InlineData(":text")]
    public void Parse_UnknownVerb_IsNone(string line)
    {
        Assert.Equal((Verb.None, "-"), (Parse(line).Verb, Text(Parse(line).Word)));
    }

    [Fact]
    public void Parse_AnIdOf64Characters_IsTheLongest()
    {
        Assert.True(Parse($"say 7,1 id={new string('x', 64)}").IsValid);
        Assert.False(Parse($"say 7,1 id={new string('x', 65)}").IsValid);
    }

    // Only what is written entirely is understood: a shorter line is another command or none, and never throws.
    [Theory]
    [MemberData(nameof(Valid))]
    public void Parse_EveryTruncation_IsConsistent(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);

        for (var length = 0; length <= bytes.Length; length++)
        {
            RequireConsistent(bytes.AsSpan(0, length));
        }

        Assert.True(CommandLine.Parse(bytes).IsValid);
    }

    [Fact]
    public void Parse_RandomBytes_IsConsistent()
    {
        var random = new Random(20261129);
        string[] starts = [.. Valid.Select(row => row.Data)];
        for (var i = 0; i < RandomLines; i++)
        {
            var line = Encoding.UTF8.GetBytes(starts[random.Next(starts.Length)]);
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                line[random.Next(line.Length)] = (byte)random.Next(256);
            }

            RequireConsistent(line);
        }
    }

    private static void RequireConsistent(ReadOnlySpan<byte> line)
    {
        var command = CommandLine.Parse(line);
        if (!command.IsValid || command.Verb is Verb.Auth or Verb.Since)
        {
            return;
        }

        // Written again from its members it is the same line.
        var id = command.Id.IsEmpty ? "" : $" id={Text(command.Id)}";
        var reference = command.Reference.IsEmpty ? "" : $" #{Text(command.Reference)}";
        Assert.Equal($"{Text(command.Word)} {command.Group},{command.Channel}{id}{reference}", Text(line));
    }

    private static CommandLine Parse(string line) => CommandLine.Parse(Encoding.UTF8.GetBytes(line));

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
