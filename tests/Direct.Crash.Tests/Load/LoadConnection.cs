using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Load;

/// <summary>
/// Represents one WebSocket client with a minimal codec, so that thousands of frames a second cost the test process little: whole frames, no
/// fragments, and a zero mask (which RFC 6455 allows). It records its events in the history.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    private static readonly byte[] Token = "token"u8.ToArray();
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(5);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendTimeout = 1000 };
    private readonly Lock _sendGate = new();
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private TaskCompletionSource<bool>? _pong;

    private LoadConnection(GatewayTarget gateway) => Gateway = gateway;

    public GatewayTarget Gateway { get; }

    /// <summary>Gets the record of the connection, which is set once the token has been sent.</summary>
    public ConnectionRecord Record { get; private set; } = null!;

    /// <summary>Gets a task that completes when the connection ends.</summary>
    public Task Reading { get; private set; } = Task.CompletedTask;

    /// <summary>Connects, and waits until the token is accepted. Returns null when the connection ended before that.</summary>
    public static async Task<LoadConnection?> TryOpenAsync(History history, GatewayTarget gateway)
    {
        var connection = new LoadConnection(gateway);
        try
        {
            using var late = new CancellationTokenSource(OpenTimeout);
            await connection._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, gateway.Port), late.Token);
            if (!await connection.TryShakeHandsAsync(late.Token))
            {
                connection.Dispose();
                return null;
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            connection.Dispose();
            return null;
        }

        connection.Record = history.AddConnection(gateway.Run);
        var token = new Stay(0, 0, Clock.Now);
        connection.Record.Stays.Add(token);
        connection.Reading = Task.Run(connection.ReadAsync);
        return await connection.ConfirmAsync(token, Token) ? connection : null;
    }

    /// <summary>Joins, and waits until the join is in force. Returns false when the connection has ended instead.</summary>
    public Task<bool> JoinAsync(long group, long channel)
    {
        var stay = new Stay(group, channel, Clock.Now);
        Record.Stays.Add(stay);
        return ConfirmAsync(stay, Encoding.ASCII.GetBytes(FormattableString.Invariant($"{group},{channel}")));
    }

    public void Say(string text) => Send(0x81, Encoding.ASCII.GetBytes(text));

    /// <summary>Ends the connection, with or without a close frame.</summary>
    public void Leave(bool politely)
    {
        Record.LeftAt = Clock.Now;
        if (politely)
        {
            Send(0x88, [1000 >> 8, 1000 & 255]);
        }
        else
        {
            Dispose();
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> TryShakeHandsAsync(CancellationToken cancellationToken)
    {
        var request = $"GET /!direct HTTP/1.1\r\nHost: 127.0.0.1:{Gateway.Port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellationToken);
        while (_end < _buffer.Length)
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
            {
                return false;
            }

            _end += count;
            var headEnd = _buffer.AsSpan(0, _end).IndexOf("\r\n\r\n"u8);
            if (headEnd >= 0)
            {
                _start = headEnd + 4;
                return _buffer.AsSpan(0, _end).StartsWith("HTTP/1.1 101 "u8);
            }
        }

        return false;
    }

    // Sends the frame and a ping. The pong shows that the frame has been handled.
    private async Task<bool> ConfirmAsync(Stay stay, ReadOnlyMemory<byte> frame)
    {
        var pong = _pong = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Send(0x82, frame.Span);
        Send(0x89, []);
        if (Record.ClosedAt != Clock.Never)
        {
            return false;
        }

        return await pong.Task && stay.ConfirmedAt != Clock.Never;
    }

    private void Send(byte head, ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = stackalloc byte[6 + payload.Length];
        frame.Clear();
        frame[0] = head;
        frame[1] = (byte)(0x80 | payload.Length);
        payload.CopyTo(frame[6..]);
        try
        {
            lock (_sendGate)
            {
                _socket.Send(frame);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The reader records the end of the connection.
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                var now = Clock.Now;
                while (TryTakeFrame(out var opcode, out var payload))
                {
                    if (!Handle(opcode, payload.Span, now))
                    {
                        return;
                    }
                }

                MakeRoom();
                var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end));
                if (count == 0)
                {
                    return;
                }

                _end += count;
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection ended without a close frame.
        }
        finally
        {
            Record.ClosedAt = Clock.Now;
            _pong?.TrySetResult(false);
            Dispose();
        }
    }

    private void MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }

    private bool TryTakeFrame(out int opcode, out ReadOnlyMemory<byte> payload)
    {
        (opcode, payload) = (0, default);
        var waiting = _buffer.AsSpan(_start, _end - _start);
        if (waiting.Length < 2)
        {
            return false;
        }

        // No frame here is longer than 64 KiB.
        var (length, at) = waiting[1] < 126 ? (waiting[1], 2) : waiting.Length < 4 ? (int.MaxValue / 2, 4) : ((waiting[2] << 8) | waiting[3], 4);
        if (waiting.Length < at + length)
        {
            return false;
        }

        opcode = waiting[0] & 15;
        payload = _buffer.AsMemory(_start + at, length);
        _start += at + length;
        return true;
    }

    // Returns false for the last frame of the connection.
    private bool Handle(int opcode, ReadOnlySpan<byte> payload, long now)
    {
        switch (opcode)
        {
            case 1:
                HandleText(payload, now);
                return true;
            case 8:
                Record.CloseCode = payload.Length >= 2 ? (payload[0] << 8) | payload[1] : 0;
                Send(0x88, payload.Length >= 2 ? payload[..2] : default);
                return false;
            case 9:
                Send(0x8A, payload);
                return true;
            case 10:
                Record.Stays[^1].ConfirmedAt = now;
                _pong!.TrySetResult(true);
                return true;
            default:
                return true;
        }
    }

    // s<stream>.<number> is a message of the history. u<user> is addressed to that user alone and tells the client its user id.
    private void HandleText(ReadOnlySpan<byte> text, long now)
    {
        if (!Utf8Parser.TryParse(text[1..], out int first, out var length))
        {
            throw new FormatException(Encoding.UTF8.GetString(text));
        }

        if (text[0] == (byte)'u')
        {
            Record.User = first;
        }
        else if (Utf8Parser.TryParse(text[(length + 2)..], out int number, out _))
        {
            Record.Received.Add(new Received(new SignalKey(first, number), now));
        }
    }
}
