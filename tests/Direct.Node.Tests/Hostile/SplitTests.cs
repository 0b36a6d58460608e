using System.Net.Sockets;
using System.Text;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Hostile;

public sealed class SplitTests(HostileNode node) : IClassFixture<HostileNode>
{
    [Fact]
    public async Task Session_CutInTwoAtEveryPoint_IsServedAsOne()
    {
        var (session, group) = Session();

        // Several first halves are on their way before the first second half follows, so the halves do not meet in one read. Not all at once:
        // they would have to be sent within the handshake timeout.
        foreach (var cuts in Enumerable.Range(1, session.Length - 1).Chunk(16))
        {
            var clients = new List<ProtocolClient>();
            foreach (var cut in cuts)
            {
                var client = await ProtocolClient.OpenAsync(node.Port);
                await client.SendRawAsync(session.AsMemory(0, cut));
                clients.Add(client);
            }

            foreach (var (client, cut) in clients.Zip(cuts))
            {
                await client.SendRawAsync(session.AsMemory(cut));
                await client.ReadResponseAsync();
                Assert.True(client.Response.Status == 101, $"cut at {cut}: {client.Response}");
                await AssertServedAsync(client, $"cut at {cut}");
                await client.DisposeAsync();
            }
        }

        await Deadline.UntilAsync("the room is empty", async () => await node.CountAsync(group, 0, 0) == 0);
    }

    [Fact]
    public async Task Session_ByteByByte_IsServedAsOne()
    {
        var (session, _) = Session();
        await using var client = await ProtocolClient.OpenAsync(node.Port);

        foreach (var octet in session)
        {
            await client.SendRawAsync(new[] { octet });
            await Deadline.PaceAsync(1);
        }

        await client.ReadResponseAsync();
        Assert.Equal(101, client.Response.Status);
        await AssertServedAsync(client, "byte by byte");
    }

    [Fact]
    public async Task Session_ThatEndsAtEveryPoint_LeavesNothingBehind()
    {
        await node.WaitUntilEmptyAsync();
        var (session, _) = Session();
        var before = node.Process.OpenSockets;

        for (var end = 0; end < session.Length; end++)
        {
            var client = await ProtocolClient.OpenAsync(node.Port);
            await client.SendRawAsync(session.AsMemory(0, end));
            switch (end % 3)
            {
                case 0:
                    client.Abort();
                    break;
                case 1:
                    client.Socket.Shutdown(SocketShutdown.Send);
                    await client.ReadResponseAsync();
                    break;
            }

            await client.DisposeAsync();
        }

        await node.WaitUntilEmptyAsync();
        await node.WaitForDescriptorsAsync(before);
        await node.AssertUnharmedAsync();
    }

    // Handshake, token, join, a broadcast in fragments with a ping between.
    private (byte[] Bytes, long Group) Session()
    {
        var group = node.NewNumber();
        byte[] bytes =
        [
            .. Encoding.ASCII.GetBytes(HandshakeOptions.Default.Render(node.Port)),
            .. ClientFrame.Text("token").Encode(),
            .. ClientFrame.Text($"{group},{group}").Encode(),
            .. (new ClientFrame(Opcode.Text, ":ж"u8.ToArray()) { Fin = false }).Encode(),
            .. new ClientFrame(Opcode.Ping, "ping"u8.ToArray()).Encode(),
            .. new ClientFrame(Opcode.Continuation, Encoding.UTF8.GetBytes(new string('x', 200))).Encode(),
        ];
        return (bytes, group);
    }

    private static async Task AssertServedAsync(ProtocolClient client, string how)
    {
        // All sessions meet in one room, so texts may repeat.
        var (pongs, texts) = (0, 0);
        while (pongs == 0 || texts == 0)
        {
            var frame = await client.ReceiveAsync();
            Assert.True(frame.IsPong || frame.IsText, $"{how}: a pong or a text expected, got {frame}");
            (pongs, texts) = frame.IsPong ? (pongs + 1, texts) : (pongs, texts + 1);
            Assert.True(frame.IsPong || frame.Text == "ж" + new string('x', 200), $"{how}: {frame}");
        }

        Assert.True(pongs == 1, $"{how}: {pongs} pongs");
        await client.CloseAsync();
    }
}
