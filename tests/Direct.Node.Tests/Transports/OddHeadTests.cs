using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Transports;

/// <summary>Tests unusual heads on both transports. Kestrel is the reference: both nodes must answer every request in the same way.</summary>
public sealed class OddHeadTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    public static TheoryData<string> Groups => [.. OddHeads.Groups.Keys];

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task Head_OfAGroup_IsAnsweredAlikeByBothTransports(string group)
    {
        var scripts = OddHeads.Groups[group];

        var outcomes = await nodes.AssertAlikeAsync(scripts);

        Assert.Equal(scripts.Count, outcomes.Count);
        Assert.True(
            group != "usual heads" || outcomes.Values.All(outcome => outcome.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)),
            "a usual head was refused");
    }

    // Represents a client that sends everything in one segment, and then only reads.
    [Fact]
    public async Task Head_WithTheEndOfTheStreamRightBehindIt_IsAnsweredByTheDirectTransport()
    {
        byte[] ping = new ClientFrame(Opcode.Ping, "?"u8.ToArray()).Encode();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ =>
            Exchange.RunAsync(nodes.Direct.Port, Script.Of(UsualHeads.Plain, ping) with { HalfCloses = true, EndPauseMs = 0 })));

        Assert.All(outcomes, outcome => Assert.StartsWith("HTTP/1.1 101 ", outcome, StringComparison.Ordinal));
        Assert.All(outcomes, outcome => Assert.EndsWith("pong (1 bytes)\nthe end\n", outcome, StringComparison.Ordinal));
    }
}
