using System.Net;

namespace Direct.Stress.Tests.Servers;

/// <summary>Represents a connection as <see cref="FaultyServer"/> sees it.</summary>
internal sealed class ServerConnection(Stream stream, IPAddress source) : IDisposable
{
    private readonly List<string> _texts = [];
    private byte[]? _heldBack;

    public Stream Stream => stream;

    public IPAddress Source => source;

    public int Number { get; set; } = -1;

    public bool IsOpen { get; set; }

    /// <summary>Gets or sets whether it speaks direct.2. The members below are then used, instead of its one group and channel.</summary>
    public bool IsDirect2 { get; set; }

    public int User { get; set; }

    public HashSet<string> Rooms { get; } = [];

    /// <summary>Gets the topics whose <c>at</c> was sent.</summary>
    public HashSet<string> Topics { get; } = [];

    /// <summary>Gets or sets whether a gap is sent after the next message.</summary>
    public bool OwesGap { get; set; }

    public long Group { get; set; }

    public long Channel { get; set; }

    /// <summary>Gets the received texts: the token, joins and broadcasts, and "close" for a close frame.</summary>
    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_texts)
            {
                return [.. _texts];
            }
        }
    }

    public void Said(string text)
    {
        lock (_texts)
        {
            _texts.Add(text);
        }
    }

    public void Deliver(byte[] frame, Fault fault)
    {
        switch (fault)
        {
            case Fault.Drop:
                return;
            case Fault.Double:
                Write(frame);
                break;
            case Fault.Swap:
                _heldBack = frame;
                return;
        }

        Write(frame);
        if (_heldBack is { } held)
        {
            _heldBack = null;
            Write(held);
        }
    }

    public void Write(byte[] bytes)
    {
        try
        {
            stream.Write(bytes);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The client has disconnected; the reader detects that too.
        }
    }

    public void Dispose() => stream.Dispose();
}
