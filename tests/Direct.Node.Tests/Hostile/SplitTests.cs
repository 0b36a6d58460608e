using System.Net.Sockets;
using System.Text;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Hostile;

public sealed class SplitTests(HostileNode node) : IClassFixture<HostileNode>
{
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

    // Returns a handshake, a token, a join, and a fragmented broadcast with a ping between its fragments.
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
}
