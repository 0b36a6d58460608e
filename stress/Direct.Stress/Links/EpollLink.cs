using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Direct.Edge.Transport.Loop;

namespace Direct.Stress.Links;

/// <summary>Represents a link of <see cref="EpollEngine"/>. It holds memory only while a frame is incomplete or a send was cut short.</summary>
internal sealed unsafe class EpollLink(EpollEngine engine, int slot, uint number, ILinkOwner owner) : Link
{
    private const uint Ends = Libc.EpollReadHangUp | Libc.EpollHangUp | Libc.EpollError;

    private int _descriptor = -1;
    private bool _isConnecting = true;
    private bool _hasFailed;
    private bool _isClosed;
    private string? _error;
    private byte[] _kept = [];
    private int _keptBytes;
    private byte[] _unsent = [];
    private int _unsentBytes;

    public int Slot { get; } = slot;

    public uint Number { get; } = number;

    public void Connect(int epoll, IPEndPoint address, IPAddress? source)
    {
        var family = address.AddressFamily is AddressFamily.InterNetwork ? Libc.AddressFamilyIPv4 : Libc.AddressFamilyIPv6;
        _descriptor = LinuxCalls.Socket(family, LinuxCalls.Stream | Libc.NonBlocking | Libc.CloseOnExec, 0);
        if (_descriptor < 0)
        {
            Fail("socket");
            return;
        }

        var on = 1;
        _ = Libc.SetSocketOption(_descriptor, Libc.Tcp, Libc.TcpNoDelay, &on, sizeof(int));
        if (source is not null && !TryBind(source))
        {
            Fail("bind");
            return;
        }

        var events = Libc.EpollIn | Libc.EpollOut | Libc.EpollReadHangUp | Libc.EpollEdgeTriggered;
        if (!EpollEvents.TryAdd(epoll, _descriptor, events, ((ulong)Number << 32) | (uint)Slot))
        {
            Fail("epoll_ctl");
            return;
        }

        var native = address.Serialize();
        fixed (byte* bytes = native.Buffer.Span)
        {
            if (LinuxCalls.Connect(_descriptor, bytes, native.Size) < 0 && Marshal.GetLastPInvokeError() != LinuxCalls.InProgress)
            {
                Fail("connect");
            }
        }
    }

    public void OnEvents(uint events, Span<byte> buffer)
    {
        if (_hasFailed || (_isConnecting && !TryFinishConnecting(events)))
        {
            return;
        }

        if ((events & Libc.EpollOut) != 0 && _unsentBytes > 0)
        {
            SendUnsent();
        }

        if ((events & (Libc.EpollIn | Ends)) != 0)
        {
            Receive(buffer, (events & Ends) != 0);
        }
    }

    public override void Send(ReadOnlySpan<byte> bytes)
    {
        if (_isClosed || _hasFailed)
        {
            return;
        }

        var sent = _unsentBytes > 0 ? 0 : TrySend(bytes);
        if (sent < bytes.Length && !_hasFailed)
        {
            Append(ref _unsent, ref _unsentBytes, bytes[sent..]);
        }
    }

    public override void Close()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        engine.Forget(this);
        if (_descriptor >= 0)
        {
            _ = Libc.Close(_descriptor); // removes it from the epoll as well
        }
    }

    /// <summary>Notifies the owner of the end, unless the owner has closed the link meanwhile.</summary>
    public void ReportEnd()
    {
        if (!_isClosed)
        {
            Close();
            owner.OnEnded(_error);
        }
    }

    private bool TryBind(IPAddress source)
    {
        var on = 1;
        _ = Libc.SetSocketOption(_descriptor, LinuxCalls.IpLevel, LinuxCalls.BindAddressNoPort, &on, sizeof(int));
        var native = new IPEndPoint(source, 0).Serialize();
        fixed (byte* bytes = native.Buffer.Span)
        {
            return LinuxCalls.Bind(_descriptor, bytes, native.Size) == 0;
        }
    }

    private bool TryFinishConnecting(uint events)
    {
        if ((events & (Libc.EpollOut | Libc.EpollError | Libc.EpollHangUp)) == 0)
        {
            return false;
        }

        int error, bytes = sizeof(int);
        _ = LinuxCalls.GetSocketOption(_descriptor, LinuxCalls.SocketLevel, LinuxCalls.SocketError, &error, &bytes);
        if (error != 0)
        {
            Fail("connect", error);
            return false;
        }

        _isConnecting = false;
        owner.OnConnected();
        return !_isClosed && !_hasFailed;
    }

    private void Receive(Span<byte> buffer, bool isEnding)
    {
        while (!_isClosed && !_hasFailed)
        {
            var kept = _keptBytes;
            if (kept >= buffer.Length)
            {
                End("frame: one that never ends");
                return;
            }

            _kept.AsSpan(0, kept).CopyTo(buffer);
            var received = ReceiveInto(buffer[kept..]);
            if (received < 0)
            {
                return;
            }

            if (received == 0)
            {
                End(null);
                return;
            }

            _keptBytes = 0;
            var bytes = buffer[..(kept + received)];
            var used = owner.OnReceived(bytes, Stopwatch.GetTimestamp());
            if (!_isClosed && used < bytes.Length)
            {
                Append(ref _kept, ref _keptBytes, bytes[used..]);
            }
            else if (_kept.Length > 0)
            {
                _kept = [];
            }

            if (received < buffer.Length - kept && !isEnding)
            {
                return; // the kernel had no more; later input is a new edge
            }
        }
    }

    /// <summary>Receives bytes. Returns -1 if there are none or the link has failed.</summary>
    private int ReceiveInto(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            while (true)
            {
                var received = (int)Libc.Receive(_descriptor, bytes, buffer.Length, 0);
                if (received >= 0)
                {
                    return received;
                }

                var error = Marshal.GetLastPInvokeError();
                if (error == Libc.Interrupted)
                {
                    continue;
                }

                if (error != Libc.Again)
                {
                    Fail("receive", error);
                }

                return -1;
            }
        }
    }

    private int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (_isConnecting)
        {
            return 0;
        }

        fixed (byte* start = bytes)
        {
            while (true)
            {
                var sent = (int)Libc.Send(_descriptor, start, bytes.Length, Libc.MsgNoSignal);
                if (sent >= 0)
                {
                    return sent;
                }

                var error = Marshal.GetLastPInvokeError();
                if (error == Libc.Interrupted)
                {
                    continue;
                }

                if (error != Libc.Again)
                {
                    Fail("send", error);
                }

                return 0;
            }
        }
    }

    private void SendUnsent()
    {
        var sent = TrySend(_unsent.AsSpan(0, _unsentBytes));
        _unsent.AsSpan(sent, _unsentBytes - sent).CopyTo(_unsent);
        _unsentBytes -= sent;
        if (_unsentBytes == 0)
        {
            _unsent = [];
        }
    }

    private void Fail(string call) => Fail(call, Marshal.GetLastPInvokeError());

    private void Fail(string call, int error) => End($"{call}: {Marshal.GetPInvokeErrorMessage(error)}");

    private void End(string? error)
    {
        if (!_hasFailed)
        {
            _hasFailed = true;
            _error = error;
            engine.Failed(this);
        }
    }

    private static void Append(ref byte[] array, ref int length, ReadOnlySpan<byte> bytes)
    {
        if (array.Length < length + bytes.Length)
        {
            Array.Resize(ref array, Math.Max(256, (length + bytes.Length) * 2));
        }

        bytes.CopyTo(array.AsSpan(length));
        length += bytes.Length;
    }
}
