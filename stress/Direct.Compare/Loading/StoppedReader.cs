using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Direct.Compare.Servers;

namespace Direct.Compare.Loading;

/// <summary>Represents a member of a room that reads nothing, with a receive buffer as small as the kernel allows.</summary>
internal sealed class StoppedReader : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;

    private StoppedReader(Socket socket) => _socket = socket;

    /// <summary>Joins the first room of the load tool: group 1, channel 1. After that it reads nothing.</summary>
    public static async Task<StoppedReader> JoinAsync(Uri server, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1, NoDelay = true };
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Limit);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port), limit.Token);
            var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
            await SendAsync($"GET /!direct HTTP/1.1\r\nHost: {server.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n");
            await ReadUpToAsync(socket, "\r\n\r\n"u8.ToArray(), limit.Token);
            await socket.SendAsync((byte[])[.. Frame(1, "test-token-stopped"), .. Frame(1, "1,1"), .. Frame(9, "joined")], limit.Token);
            await ReadUpToAsync(socket, "joined"u8.ToArray(), limit.Token); // the pong: the join is in force
            return new StoppedReader(socket);

            async Task SendAsync(string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text), limit.Token);
        }
        catch (Exception exception) when (
            exception is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new CompareException($"the reader that is to stop cannot join: {exception.Message}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads everything that waits, up to the end. Returns whether there was an end: a close frame, or the end of TCP.</summary>
    public async Task<bool> WasCutOffAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        _socket.ReceiveBufferSize = 4 * 1024 * 1024; // with the small buffer, megabytes take longer than the limit
        var buffer = new byte[64 * 1024];
        try
        {
            // Nobody sends to the room any more, so the rest is what waited, a ping, or the end.
            while (await _socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
            }

            return true;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();

    // Byte by byte, so that no byte after the answer is consumed.
    private static async Task ReadUpToAsync(Socket socket, byte[] end, CancellationToken cancellationToken)
    {
        var read = new List<byte>();
        var one = new byte[1];
        while (!read.TakeLast(end.Length).SequenceEqual(end))
        {
            if (await socket.ReceiveAsync(one, cancellationToken) == 0)
            {
                var said = Encoding.ASCII.GetString([.. read]);
                throw new CompareException($"the reader that is to stop cannot join; the server said '{said}'");
            }

            read.Add(one[0]);
        }
    }

    private static byte[] Frame(int opcode, string text)
    {
        var payload = Encoding.ASCII.GetBytes(text);
        var frame = new byte[6 + payload.Length];
        frame[0] = (byte)(0x80 | opcode);
        frame[1] = (byte)(0x80 | payload.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(2), 0); // a mask of zeros is a valid mask
        payload.CopyTo(frame, 6);
        return frame;
    }
}
