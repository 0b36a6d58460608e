using Direct.Edge.Connections;
using Direct.Edge.Identity;
using Direct.Model.Tests.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Model.Tests.Clients;

/// <summary>Represents one connection of a client with a gateway, and its network: what is under way is lost when it ends.</summary>
internal sealed class ClientSocket(ModelGateway gateway, Action changed) : ITransportConnection
{
    private readonly ServerFrameReader _reader = new();
    private readonly List<byte> _received = [];
    private readonly Queue<string> _sent = []; // after the first messages
    private Connection? _connection;
    private byte[] _input = [];
    private bool _isReceiving;

    public ModelGateway Gateway => gateway;

    /// <summary>Gets or sets how many bytes the socket accepts now.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>Gets whether the connection has ended, as the client knows.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Gets whether the gateway has ended it, which the client does not know yet.</summary>
    public bool IsAborted { get; private set; }

    public bool IsGone => IsOver || IsAborted;

    /// <summary>Opens the connection and sends the first messages, as work of the gateway.</summary>
    public void Open(bool speaksDirect2, params string[] messages)
    {
        gateway.Process.Post(() =>
        {
            if (IsOver || !gateway.IsOpen)
            {
                Abort();
                return;
            }

            gateway.Hub.Open(this, new ClientAddress("127.0.0.1", System.Net.IPAddress.Loopback), speaksDirect2);
            Array.ForEach(messages, Send);
        });
    }

    /// <summary>Sends a later message. The work of a process has no order, and what a socket sends has.</summary>
    public void SendLater(string text)
    {
        _sent.Enqueue(text);
        gateway.Process.Post(() => Send(_sent.Dequeue()));
    }

    public void Attach(Connection connection) => _connection = connection;

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (IsGone)
        {
            return bytes.Length;
        }

        var taken = Math.Min(bytes.Length, Room);
        Room -= Room == int.MaxValue ? 0 : taken;
        _received.AddRange(bytes[..taken]);
        changed();
        return taken;
    }

    /// <summary>Accepts everything from now on.</summary>
    public void OpenWide()
    {
        Room = int.MaxValue;
        gateway.Process.Post(() => _connection?.OnWritable());
    }

    public void Abort()
    {
        IsAborted = true;
        changed();
    }

    /// <summary>Ends the connection. The gateway hears of it after some time.</summary>
    public void End()
    {
        IsOver = true;
        gateway.Process.Post(() => _ = _connection?.EndAsync());
    }

    /// <summary>Takes the text frames that have arrived. Null stands for the close frame.</summary>
    public List<string?> TakeTexts()
    {
        var texts = new List<string?>();
        var bytes = _received.ToArray().AsSpan();
        while (_reader.TryRead(bytes, out var frame, out var length))
        {
            bytes = bytes[length..];
            if (frame!.IsText)
            {
                texts.Add(frame.Text);
            }
            else if (frame.Opcode == Opcode.Close)
            {
                texts.Add(null);
            }
        }

        _received.RemoveRange(0, _received.Count - bytes.Length);
        return texts;
    }

    private void Send(string text)
    {
        if (_connection is null || IsOver)
        {
            return;
        }

        _input = [.. _input, .. ClientFrame.Text(text).Encode()];
        if (!_isReceiving)
        {
            _isReceiving = true;
            _ = ReceiveAsync(_connection);
        }
    }

    private async Task ReceiveAsync(Connection connection)
    {
        while (true)
        {
            var reception = connection.Receive(_input);
            _input = _input[reception.Consumed..];
            if (reception.Pending is null)
            {
                _isReceiving = false;
                return;
            }

            await reception.Pending;
        }
    }
}
