using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Text.Unicode;
using Direct.Stress.Links;
using Direct.Stress.Measuring;
using Direct.Stress.Protocol;

namespace Direct.Stress.Scenarios;

/// <summary>Represents one WebSocket. It opens, gives a token, joins, answers pings, and passes on the messages that it receives.</summary>
/// <param name="number">Its number in the whole run, from 0.</param>
/// <param name="room">The room of the run that it joins.</param>
internal sealed class StressConnection(int number, int room, RunContext run, IConnectionOwner owner) : ILinkOwner
{
    private const int NormalClosure = 1000;
    private const int MaxControlBytes = 125;

    private Link? _link;
    private List<byte>? _fragments;

    public int Number => number;

    public int Room => room;

    /// <summary>Gets the gateway to which it connects, by its place in the list.</summary>
    public int Gateway { get; init; } = run.GatewayOf(number);

    /// <summary>Gets its client of direct.2; null in the original dialect.</summary>
    public Direct2Client? Client { get; init; }

    /// <summary>Gets whether its client had another connection before.</summary>
    public bool IsReturn { get; init; }

    /// <summary>Gets whether the message that is being handled was replayed.</summary>
    public bool IsReplaying { get; private set; }

    public ConnectionState State { get; private set; }

    /// <summary>Gets the state in which it ended.</summary>
    public ConnectionState EndedIn { get; private set; }

    public long ConnectStart { get; private set; }

    /// <summary>Gets what it has received from each sender; null if messages have no number.</summary>
    public ArrivalOrder? Order { get; set; }

    public bool IsOnTheWay => State is ConnectionState.Opening or ConnectionState.Joining;

    public void Connect()
    {
        State = ConnectionState.Opening;
        ConnectStart = Stopwatch.GetTimestamp();
        _link = run.Connect(number, Gateway, this);
    }

    /// <summary>Sends the token and the join. If a ping follows them, its pong shows that the join is in force.</summary>
    public void Join(long group, long channel, bool confirms)
    {
        if (Client is { } client)
        {
            State = ConnectionState.Joining;
            run.FirstMessage.ResetWrittenCount();
            client.Begin(run.FirstMessage);
            Send(Opcode.Text, run.FirstMessage.WrittenSpan);
            return;
        }

        Span<byte> bytes = stackalloc byte[256];
        Span<byte> text = stackalloc byte[64];
        Utf8.TryWrite(text, $"test-token-{number}", out var length);
        var at = run.Frames.Write(bytes, Opcode.Text, text[..length]);
        Utf8.TryWrite(text, $"{group},{channel}", out length);
        at += run.Frames.Write(bytes[at..], Opcode.Text, text[..length]);
        State = ConnectionState.Ready;
        if (confirms)
        {
            State = ConnectionState.Joining;
            at += run.Frames.Write(bytes[at..], Opcode.Ping, "joined"u8);
        }

        _link!.Send(bytes[..at]);
    }

    public void Send(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var length = payload.Length + FrameWriter.MaxHeaderBytes;
        var bytes = length <= 1024 ? stackalloc byte[1024] : new byte[length];
        _link!.Send(bytes[..run.Frames.Write(bytes, opcode, payload)]);
    }

    /// <summary>Sends a close frame. The connection has ended when the server has answered, or when it is dropped.</summary>
    public void Leave()
    {
        State = ConnectionState.Leaving;
        SendClose(NormalClosure);
    }

    /// <summary>Ends the connection now, without a close frame.</summary>
    public void Drop(string? error)
    {
        if (State is not (ConnectionState.New or ConnectionState.Ended))
        {
            End(error);
        }
    }

    public void OnConnected() => _link!.Send(run.HandshakeOf(Gateway).Request);

    public int OnReceived(ReadOnlySpan<byte> bytes, long now)
    {
        var used = 0;
        if (State is ConnectionState.Opening)
        {
            used = run.HandshakeOf(Gateway).Read(bytes, out var error);
            if (error is not null)
            {
                End(error);
                return bytes.Length;
            }

            if (used == 0)
            {
                return 0;
            }

            run.ConnectTimes.Add(now - ConnectStart);
            owner.OnOpened(this, now);
        }

        while (State is not ConnectionState.Ended)
        {
            switch (FrameReader.Read(bytes[used..], out var frame))
            {
                case FrameStatus.Incomplete:
                    return used;
                case FrameStatus.Invalid:
                    End("frame: one that no server may send");
                    break;
                default:
                    used += frame.TotalBytes;
                    OnFrame(frame, now);
                    break;
            }
        }

        return bytes.Length;
    }

    public void OnEnded(string? error)
    {
        error ??= State is ConnectionState.Opening
            ? "handshake: the server ended the connection"
            : "the server ended the connection without a word";
        End(State is ConnectionState.Leaving ? null : error);
    }

    private void OnFrame(in ServerFrame frame, long now)
    {
        switch (frame.Opcode)
        {
            case Opcode.Text or Opcode.Binary when frame.IsFinal:
                OnText(frame.Payload, now);
                break;
            case Opcode.Text or Opcode.Binary or Opcode.Continuation:
                OnFragment(frame, now);
                break;
            case Opcode.Ping:
                Send(Opcode.Pong, frame.Payload);
                break;
            case Opcode.Pong when State is ConnectionState.Joining && Client is null:
                State = ConnectionState.Ready;
                owner.OnJoined(this);
                break;
            case Opcode.Close:
                OnClose(frame.Payload);
                break;
        }
    }

    private void OnFragment(in ServerFrame frame, long now)
    {
        _fragments ??= [];
        _fragments.AddRange(frame.Payload);
        if (frame.IsFinal)
        {
            var text = _fragments.ToArray();
            _fragments = null;
            OnText(text, now);
        }
    }

    private void OnText(ReadOnlySpan<byte> text, long now)
    {
        if (Client is null)
        {
            owner.OnMessage(this, text, now);
        }
        else
        {
            OnDirect2(Client, Direct2Frame.Read(text), now);
        }
    }

    private void OnDirect2(Direct2Client client, in Direct2Frame frame, long now)
    {
        switch (client.Take(frame, out var topic))
        {
            case Direct2Event.Message:
                owner.OnMessage(this, frame.Payload, now);
                break;
            case Direct2Event.Replay:
                run.Resumes.Replayed++;
                IsReplaying = true;
                owner.OnMessage(this, frame.Payload, now);
                IsReplaying = false;
                break;
            case Direct2Event.Gap:
                run.Resumes.Gaps++;
                owner.OnGap(this, topic);
                break;
            case Direct2Event.Joined:
                (IsReturn ? run.Resumes.ResumeTimes : run.Resumes.JoinTimes).Add(now - ConnectStart);
                break;
            case Direct2Event.Live when State is ConnectionState.Joining:
                State = ConnectionState.Ready;
                run.Resumes.Resumes += IsReturn ? 1 : 0;
                owner.OnJoined(this);
                break;
            case Direct2Event.Accepted:
                owner.OnSaid(this, frame.Words, isAccepted: true);
                break;
            case Direct2Event.Refused:
                OnRefused(frame);
                break;
            case Direct2Event.Unexpected:
                run.Errors.Add($"unexpected: {Encoding.UTF8.GetString(frame.Verb)} {Encoding.UTF8.GetString(frame.Words)}");
                break;
        }
    }

    private void OnRefused(in Direct2Frame frame)
    {
        frame.Split(out var reference, out var text);
        var error = $"error {Encoding.UTF8.GetString(text)}";
        if (State is ConnectionState.Joining)
        {
            End(error); // a client comes back with the positions that it has
            return;
        }

        run.Errors.Add(error);
        owner.OnSaid(this, reference, isAccepted: false);
    }

    private void OnClose(ReadOnlySpan<byte> payload)
    {
        if (State is ConnectionState.Leaving)
        {
            End(null);
            return;
        }

        var code = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 0;
        if (code != 0)
        {
            SendClose(code);
        }

        End(code == 0 ? "closed by the server" : $"closed by the server: {code} {Encoding.UTF8.GetString(payload[2..])}".TrimEnd());
    }

    private void SendClose(int code)
    {
        Span<byte> payload = stackalloc byte[MaxControlBytes];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Send(Opcode.Close, payload[..2]);
    }

    private void End(string? error)
    {
        _link!.Close();
        EndedIn = State;
        State = ConnectionState.Ended;
        owner.OnEnded(this, error);
    }
}
