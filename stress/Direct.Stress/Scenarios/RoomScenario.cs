using System.Diagnostics;
using Direct.Stress.Measuring;
using Direct.Stress.Protocol;

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

    private readonly Sender?[] _senders = new Sender?[run.Options.Senders];
    private readonly int[] _members = new int[run.Options.Rooms];
    private readonly byte[] _message = MakeMessage(run.Options.PayloadBytes);
    private bool _isSending;
    private Pacer? _pacer;
    private long _nextPaced;
    private long _nextStallCheck;

    public override void OnJoined(StressConnection connection)
    {
        _members[connection.Room]++;
        connection.Order = new ArrivalOrder(SendersOf(connection.Room));
    }

    public override void OnMemberEnded(StressConnection connection)
    {
        var room = connection.Room;
        _members[room]--;
        for (var number = room; number < _senders.Length; number += _members.Length)
        {
            _senders[number]?.MemberLeft(_members[room]);
        }
    }

    public override void Prepare(IReadOnlyList<StressConnection> members)
    {
        foreach (var member in members.Where(member => member.Number < _senders.Length))
        {
            _senders[member.Number] = new Sender(member, Run.Options.Window);
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

        // Sender i is in room i % rooms, so that the senders of a room are that many apart.
        var rooms = _members.Length;
        var memberIndex = stamp.Sender / rooms;
        if (stamp.Sender % rooms != connection.Room || memberIndex >= SendersOf(connection.Room))
        {
            Run.Errors.Add("a message of another room");
            return;
        }

        if (Run.Tally.Count(order, memberIndex, stamp, now) is not Arrival.Again
            && _pacer is null
            && _senders[stamp.Sender] is { } sender
            && sender.Reached(stamp.Sequence, _members[connection.Room]))
        {
            Fill(sender, now);
        }
    }

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
        new MessageStamp(Run.Assignment.RunId, number, sender.Next(), stampedAt - Run.Assignment.Epoch).Write(_message.AsSpan(1));
        sender.Connection.Send(Opcode.Text, _message);
        CountSent(sender.Room, stampedAt);
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
        var message = new byte[payloadBytes + 1];
        message.AsSpan().Fill((byte)'x');
        message[0] = (byte)':';
        return message;
    }
}
