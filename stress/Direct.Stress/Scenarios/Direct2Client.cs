using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Direct.Stress.Protocol;

namespace Direct.Stress.Scenarios;

/// <summary>
/// Represents a client of direct.2 over all of its connections, of which it has one at a time: its rooms and topics, and where each topic stands.
/// </summary>
/// <param name="number">The number of its connection in the whole run.</param>
internal sealed class Direct2Client(int number, IReadOnlyList<(long Group, long Channel)> rooms)
{
    // The topics of rooms, then 0,0,0; after the first welcome also the topic of the user.
    private readonly List<TopicPosition> _topics =
    [
        .. rooms.Select(static room => new Topic(room.Group, room.Channel, 0))
            .Concat(rooms.SelectMany(static room => new Topic[] { new(room.Group, 0, 0), new(0, room.Channel, 0) }))
            .Append(default)
            .Distinct()
            .Select(static topic => new TopicPosition(topic)),
    ];

    private int _joined;
    private int _live;
    private int _lastFound;

    /// <summary>Gets the number of its user, from the last <c>welcome</c>; 0 before the first one.</summary>
    public long User { get; private set; }

    /// <summary>Gets whether its life has begun: it was in all of its rooms.</summary>
    public bool HasLived { get; private set; }

    /// <summary>Gets whether it receives what is sent to a target.</summary>
    public bool Matches(Topic target)
    {
        if (target.User != 0 && target.User != User)
        {
            return false;
        }

        return target is { Group: 0, Channel: 0 } || rooms.Any(room =>
            (target.Group == 0 || target.Group == room.Group) && (target.Channel == 0 || target.Channel == room.Channel));
    }

    /// <summary>Begins a connection. Writes its first message, which names the positions of all topics that have one.</summary>
    public void Begin(ArrayBufferWriter<byte> message)
    {
        (_joined, _live) = (0, 0);
        Write(message, $"auth test-token-{number}");
        foreach (var topic in _topics)
        {
            topic.IsLive = false;
            if (!topic.Position.IsEmpty)
            {
                message.Write("\nsince "u8);
                message.Write(topic.Name);
                message.Write(" "u8);
                message.Write(topic.Position);
            }
        }

        foreach (var (group, channel) in rooms)
        {
            Write(message, $"\njoin {group},{channel}");
        }
    }

    /// <summary>Takes a frame of the present connection.</summary>
    /// <param name="topic">The topic of a message or a gap.</param>
    public Direct2Event Take(in Direct2Frame frame, out Topic topic)
    {
        topic = default;
        if (frame.IsMessage)
        {
            return TakePosition(frame, Direct2Event.Message, out topic);
        }

        if (frame.Verb.SequenceEqual("at"u8))
        {
            return TakePosition(frame, Direct2Event.Live, out _);
        }

        if (frame.Verb.SequenceEqual("gap"u8))
        {
            return TakePosition(frame, Direct2Event.Gap, out topic);
        }

        if (frame.Verb.SequenceEqual("joined"u8))
        {
            return ++_joined == rooms.Count ? Direct2Event.Joined : Direct2Event.None;
        }

        if (frame.Verb.SequenceEqual("welcome"u8))
        {
            return TakeWelcome(frame);
        }

        return frame.Verb.SequenceEqual("ok"u8) ? Direct2Event.Accepted
            : frame.Verb.SequenceEqual("error"u8) ? Direct2Event.Refused
            : Direct2Event.Unexpected;
    }

    private Direct2Event TakeWelcome(in Direct2Frame frame)
    {
        frame.Split(out var text, out _);
        if (!Utf8Parser.TryParse(text, out long user, out _))
        {
            return Direct2Event.Unexpected;
        }

        // With env=test each connection is another user, whose topic nobody has a position of.
        if (user != User)
        {
            _topics.RemoveAll(topic => User != 0 && topic.Topic.User == User);
            _topics.Add(new TopicPosition(new Topic(0, 0, user)));
            User = user;
        }

        return Direct2Event.None;
    }

    private Direct2Event TakePosition(in Direct2Frame frame, Direct2Event kind, out Topic topic)
    {
        frame.Split(out var name, out var position);
        topic = default;
        if (Find(name) is not { } found || !found.TryMoveTo(position))
        {
            return Direct2Event.Unexpected;
        }

        topic = found.Topic;
        if (kind is Direct2Event.Message)
        {
            return found.IsLive ? kind : Direct2Event.Replay;
        }

        return kind is Direct2Event.Live ? Live(found) : kind;
    }

    private Direct2Event Live(TopicPosition topic)
    {
        if (topic.IsLive)
        {
            return Direct2Event.None; // it is repeated when the topic has moved by messages that did not match
        }

        topic.IsLive = true;
        if (++_live < _topics.Count)
        {
            return Direct2Event.None;
        }

        HasLived = true;
        return Direct2Event.Live;
    }

    // Most frames are of the topic of the one before.
    private TopicPosition? Find(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _topics.Count; i++)
        {
            var at = (_lastFound + i) % _topics.Count;
            if (name.SequenceEqual(_topics[at].Name))
            {
                _lastFound = at;
                return _topics[at];
            }
        }

        return null;
    }

    private static void Write(ArrayBufferWriter<byte> message, FormattableString text) =>
        Encoding.ASCII.GetBytes(text.ToString(CultureInfo.InvariantCulture), message);
}
