using System.Text;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Transports;

/// <summary>
/// Tests heads that arrive in pieces. The direct transport waits a second for the rest of a head, and then passes the connection to Kestrel. The
/// responses must not depend on where and when a head is split.
/// </summary>
public sealed class SplitHeadTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private static readonly byte[] Head = Encoding.ASCII.GetBytes(UsualHeads.Plain);
    private static readonly byte[] Frames = [.. ClientFrame.Text("token").Encode(), .. ClientFrame.Text("4000003,1").Encode()];

    public static TheoryData<string, string> Cuts => new()
    {
        { "usual", UsualHeads.All["npm's ws"] },
        { "wrong version", UsualHeads.Instead("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8") },
        { "another path", UsualHeads.Of("GET /!directs HTTP/1.1", UsualHeads.Headers) },
    };

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Head_CutInTwoAtEveryPoint_IsAnsweredAlike(string name, string head)
    {
        var bytes = Encoding.ASCII.GetBytes(head);

        var outcomes = await nodes.AssertAlikeAsync(Named(Enumerable.Range(1, head.Length - 1), at => Script.Cut(bytes, at, 30)));

        Assert.True(outcomes.Values.Distinct().Count() == 1, $"{name}: {string.Join("\n---\n", outcomes.Values.Distinct())}");
    }

    [Fact]
    public async Task Head_WithFramesBehindItCutInTwoAtEveryPoint_IsServed()
    {
        byte[] bytes = [.. Head, .. Frames];

        var outcomes = await nodes.AssertAlikeAsync(
            Named(Enumerable.Range(1, bytes.Length - 1), at => Script.Cut(bytes, at, 30) with { HasToken = true }));

        AssertServed(outcomes);
    }

    [Fact]
    public async Task Head_WithALongPauseInIt_IsServedByWhoeverWaits()
    {
        var outcomes = await nodes.AssertAlikeAsync(
            Named(Enumerable.Range(1, Head.Length - 1).Where(at => at % 11 == 1), at => Script.Cut(Head, at, 1_300)));

        // The head timeout of Kestrel may also have passed: it is the shortest possible one here.
        Assert.All(outcomes.Values, outcome => Assert.Matches("^HTTP/1.1 (101|408) ", outcome));
    }

    private static Dictionary<string, Script> Named(IEnumerable<int> cuts, Func<int, Script> script) =>
        cuts.ToDictionary(at => $"cut at {at}", script);

    private static void AssertServed(IReadOnlyDictionary<string, string> outcomes) =>
        Assert.All(
            outcomes,
            outcome => Assert.True(outcome.Value.Contains("text \"hello\"", StringComparison.Ordinal), $"{outcome.Key}: {outcome.Value}"));
}

public sealed class PatienceTests(PatienceTests.PatientNode node) : IClassFixture<PatienceTests.PatientNode>
{
    public sealed class PatientNode() : Nodes.TestNode(DirectTransport.ArgumentIfThere);

    // The rest arrives at about the time at which the loop stops waiting. Either the loop or Kestrel reads the whole head, and no part is read twice.
    [Fact]
    public async Task Head_WhoseRestComesAboutWhenPatienceEnds_IsServed()
    {
        var head = Encoding.ASCII.GetBytes(UsualHeads.Plain);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 80).Select(number =>
            Exchange.RunAsync(node.Port, Script.Cut(head, 1 + (number * 2), 940 + (number * 4)))));

        Assert.All(outcomes, outcome => Assert.Contains("text \"hello\"", outcome, StringComparison.Ordinal));
    }

    // The head takes several seconds. The loop stops waiting after one second and passes it to Kestrel, whose own timeout is longer.
    [Fact]
    public async Task Head_InPiecesOverSeveralSeconds_IsServed()
    {
        var pieces = Encoding.ASCII.GetBytes(UsualHeads.Plain).Chunk(40).Select(piece => new Script.Piece(piece, 700));

        var outcome = await Exchange.RunAsync(node.Port, new Script([.. pieces]));

        Assert.Contains("text \"hello\"", outcome, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_ThatEndWhileTheirHeadIsWaitedFor_LeaveNothingBehind()
    {
        await using var other = await node.JoinAsync(node.NewNumber(), 0);
        var before = node.Process.OpenSockets;
        var head = Encoding.ASCII.GetBytes(UsualHeads.Plain);

        for (var number = 0; number < 150; number++)
        {
            var client = await ProtocolClient.OpenAsync(node.Port);
            await client.SendRawAsync(head.AsMemory(0, number % head.Length));
            if (number % 2 == 0)
            {
                client.Abort();
            }

            await client.DisposeAsync();
        }

        await Deadline.UntilAsync(
            "the sockets are closed", () => node.Process.OpenSockets <= before,
            actual: () => $"{before} before, {node.Process.OpenSockets} now");
        await other.SyncAsync();
    }
}
