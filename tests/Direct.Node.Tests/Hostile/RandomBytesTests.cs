using System.Net.Sockets;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Hostile;

public sealed class RandomBytesTests(HostileNode node) : IClassFixture<HostileNode>
{
    private const int Clients = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task RandomBytes_InsteadOfAHandshake_EndThatConnectionAlone(int seed)
    {
        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (number, _) =>
        {
            var random = new Random((seed * 1_000_000) + number);
            await using var client = await ProtocolClient.OpenAsync(node.Port);

            await TrySendAsync(client, Bytes(random, random.Next(1, 3_000)));
            await TrySendAsync(client, "\r\n\r\n"u8.ToArray());
            client.Socket.Shutdown(SocketShutdown.Send);
            await ReadAnswerAsync(client);

            Assert.True(client.Response.Status is 0 or 400 or 404 or 405 or 408 or 414 or 431 or 505, $"seed {seed}, {number}: {client.Response}");
        });

        await node.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData(6, false)]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(9, true)]
    public async Task RandomFrames_WellFormedInNothingButTheirLength_EndInANamedRefusal(int seed, bool isDirect2)
    {
        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (number, _) =>
        {
            var random = new Random((seed * 1_000_000) + number);
            await using var client = await (isDirect2 ? node.JoinDirect2Async(node.NewNumber(), 0) : node.JoinAsync(node.NewNumber(), 0));

            for (var i = 0; i < 50; i++)
            {
                var frame = new ClientFrame((byte)random.Next(0, 16), Bytes(random, random.Next(0, 130)))
                {
                    Fin = random.Next(4) != 0,
                    Reserved = random.Next(10) == 0 ? (byte)0x40 : (byte)0,
                    Masked = random.Next(10) != 0,
                    MaskingKey = (uint)random.Next(),
                };
                await TrySendAsync(client, frame.Encode());
            }

            TryShutdown(client);
            await HostileNode.AssertNamedRefusalOrEndAsync(client, 1000, 1002, 1005, 1007, 1008, 1009);
        });

        await node.AssertUnharmedAsync();
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static async Task ReadAnswerAsync(ProtocolClient client)
    {
        try
        {
            await client.ReadResponseAsync();
        }
        catch (InvalidDataException)
        {
            Assert.Fail("an answer that is no HTTP");
        }
    }

    private static async Task TrySendAsync(ProtocolClient client, byte[] bytes)
    {
        try
        {
            await client.SendRawAsync(bytes);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The server may close the connection first.
        }
    }

    private static void TryShutdown(ProtocolClient client)
    {
        try
        {
            client.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server has already reset the connection.
        }
    }
}
