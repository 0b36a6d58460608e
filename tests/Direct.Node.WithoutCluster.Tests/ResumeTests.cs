using System.Globalization;
using System.Net;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Node.WithoutCluster.Tests;

/// <summary>Tests a client of <c>direct.2</c> that comes back to a real node.</summary>
public sealed class ResumeTests
{
    private const int Messages = 1000;

    [Fact]
    public async Task Client_ThatIsCutOff_ReceivesWhatItMissedOnceAndInOrder()
    {
        await using var node = await NodeProcess.StartAsync("Direct:Connections:Direct2=true");
        await using var witness = await ProtocolClient.ConnectAsync(node.Port, HandshakeOptions.Direct2);
        await EnterAsync(witness, "auth token\njoin 7,1");
        await using var first = await ProtocolClient.ConnectAsync(node.Port, HandshakeOptions.Direct2);
        var told = await EnterAsync(first, "auth token\njoin 7,1");
        first.Abort();
        for (var i = 0; i < Messages; i++)
        {
            var receipt = await node.SignalAsync(PartOf(i), $"{i}");
            Assert.Equal(HttpStatusCode.OK, receipt.Status);
            Assert.EndsWith(",\"kept\":true}", receipt.Body, StringComparison.Ordinal);
        }

        await using var second = await ProtocolClient.ConnectAsync(node.Port, HandshakeOptions.Direct2);
        var positions = told.Where(text => text.StartsWith("at ", StringComparison.Ordinal) && !text.StartsWith("at 0,0,", StringComparison.Ordinal));
        var missed = await EnterAsync(second, string.Join('\n', ["auth token", .. positions.Select(text => $"since {text[3..]}"), "join 7,1"]));
        await node.SignalAsync("7,1,0", "live");

        Assert.DoesNotContain(missed, text => text.StartsWith("gap", StringComparison.Ordinal));
        AssertOnceAndInOrder(missed);
        Assert.EndsWith("\nlive", await second.ReceiveTextAsync(), StringComparison.Ordinal);
        AssertOnceAndInOrder(await ReceiveAsync(witness, text => text.EndsWith("\nlive", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Client_OfANodeThatWasStartedAgain_IsToldOfAGap()
    {
        List<string> told;
        await using (var earlier = await NodeProcess.StartAsync("Direct:Connections:Direct2=true"))
        {
            await using var first = await ProtocolClient.ConnectAsync(earlier.Port, HandshakeOptions.Direct2);
            told = await EnterAsync(first, "auth token\njoin 7,0");
        }

        await using var later = await NodeProcess.StartAsync("Direct:Connections:Direct2=true");
        await using var second = await ProtocolClient.ConnectAsync(later.Port, HandshakeOptions.Direct2);
        var answer = await EnterAsync(second, string.Join('\n', ["auth token", .. told.Where(text => text.StartsWith("at ", StringComparison.Ordinal)).Select(text => $"since {text[3..]}"), "join 7,0"]));

        Assert.Contains(answer, text => text.StartsWith("gap 7,0,0 ", StringComparison.Ordinal));
        Assert.Contains(answer, text => text.StartsWith("gap 0,0,0 ", StringComparison.Ordinal));
    }

    private static string PartOf(int number) => number % 2 == 0 ? "7,1,0" : "7,0,0";

    private static void AssertOnceAndInOrder(List<string> texts)
    {
        foreach (var part in new[] { "7,1,0", "7,0,0" })
        {
            Assert.Equal(
                Enumerable.Range(0, Messages).Where(number => PartOf(number) == part),
                texts.Where(text => text.StartsWith($"{part} ", StringComparison.Ordinal) && !text.EndsWith("\nlive", StringComparison.Ordinal))
                    .Select(text => int.Parse(text.Split('\n')[1], CultureInfo.InvariantCulture)));
        }
    }

    // Sends a first message, and receives everything up to the last answer to it.
    private static async Task<List<string>> EnterAsync(ProtocolClient client, string text)
    {
        await client.SendTextAsync(text);
        return await ReceiveAsync(client, answer => answer.StartsWith("at 0,0,", StringComparison.Ordinal) && !answer.StartsWith("at 0,0,0 ", StringComparison.Ordinal));
    }

    private static async Task<List<string>> ReceiveAsync(ProtocolClient client, Func<string, bool> isLast)
    {
        var texts = new List<string>();
        do
        {
            texts.Add(await client.ReceiveTextAsync());
        }
        while (!isLast(texts[^1]));

        return texts;
    }
}
