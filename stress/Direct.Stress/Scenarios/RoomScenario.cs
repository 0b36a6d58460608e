using System.Buffers.Text;
using System.Diagnostics;
using System.Text.Unicode;
using Direct.Stress.Measuring;
using Direct.Stress.Protocol;
using Direct.Stress.Runs;

namespace Direct.Stress.Scenarios;

/// <summary>
/// Lets members of rooms send to their rooms: either with a window of messages each, of which the next is sent when every member of this process has
/// received one, or at a steady rate.
/// </summary>
internal sealed class RoomScenario(RunContext run) : Scenario(run)
{
    // The largest number of messages before arrivals are handled.
    private const int MessagesPerPass = 1024;
    private const int StallSeconds = 5;

    // The room for the line of a say before its text.
    private const int SayBytes = 64;

    private readonly Sender?[] _senders = new Sender?[run.Options.Senders];
    private readonly int[] _members = new int[run.Options.Rooms];
    private readonly int _roomsPerConnection = run.Options.RoomsPerConnection;
    private readonly byte[] _message = MakeMessage(run.Options.PayloadBytes);
    private bool _isSending;
    private Pacer? _pacer;
    private long _nextPaced;
    private long _nextStallCheck;

    public override int SenderCount => _senders.Length;

    public override bool IsAnswered => _senders.All(static sender => sender is not { Awaited: > 0, Connection.State: ConnectionState.Ready });

    public override IReadOnlyList<SentNumbers> SentNumbers =>
    [
        .. _senders.OfType<Sender>().Select(static sender =>
            Runs.SentNumbers.Of(sender.Connection.Number, sender.Sequence, sender.Unaccepted)),
    ];

    public override void OnJoined(StressConnection connection)
    {
        for (var place = 0; place < _roomsPerConnection; place++)
        {
            _members[(connection.Room + place) % _members.Length]++;
        }

        connection.Order = new ArrivalOrder(_roomsPerConnection == 1 ? SendersOf(connection.Room) : _roomsPerConnection * SendersOf(0));
    }

    public override void OnReturned(StressConnection connection)
    {
        if (Sends(connection))
        {
            _senders[connection.Number]?.Connection = connection;
        }
    }

    public override void OnMemberEnded(StressConnection connection)
    {
        for (var place = 0; place < _roomsPerConnection; place++)
        {
            var room = (connection.Room + place) % _members.Length;
            _members[room]--;
            for (var number = room; number < _senders.Length; number += _members.Length)
            {
                _senders[number]?.MemberLeft(_members[room]);
            }
        }
    }

    public override bool Sends(StressConnection connection) => connection.Number < _senders.Length;

    public override void Prepare(IReadOnlyList<StressConnection> members)
    {
        foreach (var member in members.Where(member => member.Number < _senders.Length))
        {
            _senders[member.Number] = new Sender(member, Run.Options.Window, Run.Options.ReconnectRate > 0);
        }
    }

    public override void Begin(long now)
    {
        _isSending = true;
        if (Run.Options.Rate > 0)
        {
            _pacer = new Pacer(Run.Options.Rate, now);
            return;
        }

        foreach (var sender in _senders)
        {
            if (sender is not null)
            {
                Fill(sender, now);
            }
        }
    }

    public override long Continue(long now)
    {
        if (_pacer is not null)
        {
            return SendDue(_pacer, now);
        }

        if (now >= _nextStallCheck)
        {
            _nextStallCheck = now + (Stopwatch.Frequency / 5);
            CheckProgress(now);
        }

        return long.MaxValue;
    }

    public override void StopSending() => _isSending = false;

    public override void OnMessage(StressConnection connection, ReadOnlySpan<byte> text, long now)
    {
        if (!Run.Tally.TryRead(text, out var stamp) || connection.Order is not { } order)
        {
            return;
        }

        var index = IndexOf(connection, stamp.Sender);
        if (index < 0)
        {
            Run.Errors.Add("a message of another room");
            return;
        }

        if (Run.Tally.Count(order, index, stamp, now, connection.IsReplaying) is not Arrival.Again
            && _pacer is null
            && _senders[stamp.Sender] is { } sender
            && sender.Reached(stamp.Sequence, _members[sender.Room]))
        {
            Fill(sender, now);
        }
    }

    public override void OnSaid(StressConnection connection, ReadOnlySpan<byte> reference, bool isAccepted)
    {
        if (Sends(connection)
            && _senders[connection.Number] is { } sender
            && Utf8Parser.TryParse(reference.TrimStart((byte)'#'), out uint sequence, out _))
        {
            sender.Answered(sequence, isAccepted);
        }
    }

    protected override Topic TopicOf(int sender) => new((sender % _members.Length) + 1, 1, 0);

    // Sender i is in room i % rooms, so that the senders of a room are that many apart.
    protected override int IndexOf(StressConnection connection, int sender)
    {
        var (memberIndex, room) = Math.DivRem(sender, _members.Length);
        if (room == connection.Room)
        {
            return memberIndex < SendersOf(room) ? memberIndex : -1;
        }

        var place = room - connection.Room + (room < connection.Room ? _members.Length : 0);
        return place < _roomsPerConnection && memberIndex < SendersOf(room) ? (place * SendersOf(0)) + memberIndex : -1;
    }

    protected override uint? LastSentBy(int sender) => _senders[sender]?.Sequence;

    private int SendersOf(int room) => (_senders.Length - room + _members.Length - 1) / _members.Length;

    private void Fill(Sender sender, long now)
    {
        sender.LastProgress = now;
        while (_isSending && sender.MaySend)
        {
            Send(sender, Stopwatch.GetTimestamp());
        }
    }

    private long SendDue(Pacer pacer, long now)
    {
        for (var i = 0; i < MessagesPerPass && _isSending; i++)
        {
            var due = pacer.DueOf(_nextPaced);
            if (due > now)
            {
                return due;
            }

            var sender = _senders[(int)(_nextPaced++ % _senders.Length)];
            if (sender?.Connection.State is ConnectionState.Ready)
            {
                Send(sender, due);
            }
        }

        return _isSending ? now : long.MaxValue;
    }

    private void Send(Sender sender, long stampedAt)
    {
        var number = sender.Connection.Number;
        new MessageStamp(Run.Assignment.RunId, number, sender.Next(), stampedAt - Run.Assignment.Epoch).Write(_message.AsSpan(SayBytes));
        sender.Connection.Send(Opcode.Text, Run.Options.IsDirect2 ? WithSay(sender) : _message.AsSpan(SayBytes - 1));
        CountSent(sender.Room, stampedAt);
    }

    private ReadOnlySpan<byte> WithSay(Sender sender)
    {
        Span<byte> line = stackalloc byte[SayBytes];
        var (group, channel) = GroupAndChannelOf(sender.Room);
        int length;
        _ = sender.IsConfirmed
            ? Utf8.TryWrite(line, $"say {group},{channel} #{sender.Sequence}\n", out length)
            : Utf8.TryWrite(line, $"say {group},{channel}\n", out length);
        line[..length].CopyTo(_message.AsSpan(SayBytes - length));
        return _message.AsSpan(SayBytes - length);
    }

    // A message that a server has lost never arrives; without this the first losses would end the run of a closed loop.
    private void CheckProgress(long now)
    {
        foreach (var sender in _senders)
        {
            if (!_isSending || sender is null)
            {
                continue;
            }

            if (sender.UnderWay > 0 && now - sender.LastProgress > StallSeconds * Stopwatch.Frequency)
            {
                Run.Errors.Add($"no message of a sender reached its whole room for {StallSeconds} s");
                sender.Restart();
            }

            if (sender.MaySend)
            {
                Fill(sender, now); // it was given up, or a member that lacked it has gone
            }
        }
    }

    private static byte[] MakeMessage(int payloadBytes)
    {
        var message = new byte[SayBytes + payloadBytes];
        message.AsSpan().Fill((byte)'x');
        message[SayBytes - 1] = (byte)':';
        return message;
    }
}
