using Direct.Edge.Connections;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Resuming;

/// <summary>Represents a socket whose client reads when it likes, and then handles what it has read when it likes.</summary>
internal sealed class ModelSocket : ITransportConnection
{
    private readonly ServerFrameReader _reader = new();
    private readonly List<byte> _received = [];
    private Connection? _connection;
    private bool _isGone;

    /// <summary>Gets or sets how many bytes the socket accepts now.</summary>
    public int Room { get; set; }

    public void Attach(Connection connection) => _connection = connection;

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (_isGone)
        {
            return bytes.Length;
        }

        var taken = Math.Min(bytes.Length, Room);
        Room -= taken;
        _received.AddRange(bytes[..taken]);
        return taken;
    }

    /// <summary>Accepts this many bytes more.</summary>
    public void Open(int bytes)
    {
        Room += bytes;
        _connection!.OnWritable();
    }

    public void Abort() => _isGone = true;

    /// <summary>Takes the text frames that have arrived.</summary>
    public List<string> TakeTexts()
    {
        var texts = new List<string>();
        var bytes = _received.ToArray().AsSpan();
        while (_reader.TryRead(bytes, out var frame, out var length))
        {
            bytes = bytes[length..];
            if (frame!.IsText)
            {
                texts.Add(frame.Text);
            }
        }

        _received.RemoveRange(0, _received.Count - bytes.Length);
        return texts;
    }
}
