using System.Text;
using Direct.Fuzz.Fakes;

namespace Direct.Fuzz.References;

/// <summary>Implements docs/protocol2.md for one connection to a node that keeps nothing and delivers nothing, so that every position is 0.</summary>
internal sealed class ReferenceDirect2(int maxRooms, int maxTokenBytes, int maxFirstBytes, int maxLaterBytes) : ReferenceConnection(maxFirstBytes)
{
    private readonly HashSet<(long Group, long Channel)> _rooms = [];
    private HashSet<(long Group, long Channel, long User)> _since = [];
    private bool _isWelcome;

    protected override int MaxMessageBytes => _isWelcome ? maxLaterBytes : base.MaxMessageBytes;

    protected override void TakeMessage(byte[] message, bool isText)
    {
        if (_isWelcome && !isText)
        {
            Events.Add("error - 1003 - 0,0");
            return;
        }

        var text = Encoding.Latin1.GetString(message);
        if (_isWelcome)
        {
            Run(text);
        }
        else if (isText && ReferenceLine.Parse(TakeLine(ref text)) is { Verb: "auth" } auth && auth.Token.Length <= maxTokenBytes)
        {
            _isWelcome = true;
            Events.Add($"welcome {FixedTestIds.User}");
            Run(text, isFirst: true);
        }
        else
        {
            Close(1008);
        }

        _since = [];
    }

    private void Run(string rest, bool isFirst = false)
    {
        var isReceiving = !isFirst;
        for (var lines = 2; rest.Length > 0 && !IsClosing; lines++)
        {
            if (isFirst && lines > (4 * maxRooms) + 4)
            {
                Close(4007);
                break;
            }

            var line = ReferenceLine.Parse(TakeLine(ref rest));
            if (line.Verb == "say" && !isReceiving)
            {
                isReceiving = BeginReceiving();
            }

            switch (line.Verb)
            {
                case "auth" when line.Token.Length <= maxTokenBytes:
                    Events.Add($"welcome {FixedTestIds.User}");
                    break;
                case "since" when line.IsValid && ReferenceLine.ParsePart(line.Part) is { } part && ReferenceLine.MayBePosition(line.Position):
                    AddSince(part, line);
                    break;
                case "join" when line.IsValid:
                    Join(line);
                    break;
                case "leave" when line.IsValid:
                    Events.Add(_rooms.Remove(line.Room) ? Answer("left", line) : line.Error(4504));
                    break;
                case "say" when line.IsValid:
                    Say(line, Encoding.Latin1.GetBytes(rest));
                    return;
                case "say":
                    Events.Add(line.Error(1008));
                    return;
                default:
                    Events.Add(line.Error(1008));
                    break;
            }
        }

        _ = isReceiving || BeginReceiving();
    }

    private void AddSince((long Group, long Channel, long User) part, ReferenceLine line)
    {
        if (_since.Count >= (3 * maxRooms) + 2 && !_since.Contains(part))
        {
            Events.Add(line.Error(4506));
        }
        else
        {
            _since.Add(part);
        }
    }

    private void Join(ReferenceLine line)
    {
        var isJoined = _rooms.Contains(line.Room);
        if (line.Room == (0, 0) || (!isJoined && _rooms.Count >= maxRooms))
        {
            Events.Add(line.Error(line.Room == (0, 0) ? 4503 : 4505));
            return;
        }

        if (!isJoined)
        {
            var had = _rooms.SelectMany(TopicsOf).ToHashSet();
            TopicsOf(line.Room).Where(topic => !had.Contains(topic)).ToList().ForEach(Tell);
            _rooms.Add(line.Room);
        }

        Events.Add(Answer("joined", line));
    }

    private void Say(ReferenceLine line, byte[] text)
    {
        if (text.Length > maxLaterBytes)
        {
            Close(1009);
        }
        else if (!_rooms.Contains(line.Room))
        {
            Events.Add(line.Error(4504));
        }
        else
        {
            Publish(line.Room.Group, line.Room.Channel, text);
            if (line.Reference.Length > 0)
            {
                Events.Add($"ok #{line.Reference}");
            }
        }
    }

    private bool BeginReceiving()
    {
        if (!IsClosing)
        {
            Tell((0, 0, 0));
            Tell((0, 0, FixedTestIds.User));
        }

        return true;
    }

    private void Tell((long Group, long Channel, long User) topic)
    {
        var part = FormattableString.Invariant($"{topic.Group},{topic.Channel},{topic.User}");
        if (_since.Remove(topic))
        {
            Events.Add($"gap {part} 0");
        }

        Events.Add($"at {part} 0");
    }

    private static IEnumerable<(long Group, long Channel, long User)> TopicsOf((long Group, long Channel) room) =>
        new[] { (room.Group, 0, 0), (0, room.Channel, 0), (room.Group, room.Channel, 0L) }.Where(topic => topic != (0, 0, 0)).Distinct();

    private static string Answer(string verb, ReferenceLine line) =>
        FormattableString.Invariant($"{verb} {line.Room.Group},{line.Room.Channel}{(line.Reference.Length > 0 ? $" #{line.Reference}" : "")}");

    private static string TakeLine(ref string rest)
    {
        var parts = rest.Split('\n', 2);
        rest = parts.Length > 1 ? parts[1] : "";
        return parts[0];
    }
}
