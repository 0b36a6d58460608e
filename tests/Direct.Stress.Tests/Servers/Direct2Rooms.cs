using System.Text;
using Direct.Stress.Tests.Protocol;

namespace Direct.Stress.Tests.Servers;

/// <summary>Implements direct.2 for <see cref="FaultyServer"/>: rooms whose messages are all kept, and faults of a resume. The caller locks.</summary>
internal sealed class Direct2Rooms
{
    private readonly Dictionary<string, List<string>> _logs = [];
    private readonly Dictionary<string, int> _users = [];
    private readonly List<ServerConnection> _members = [];
    private int _replayed;

    /// <summary>Gets or sets what happens to a replayed message, by its number among all replayed ones, from 1.</summary>
    public Func<int, Fault> ReplayFaults { get; set; } = static _ => Fault.None;

    /// <summary>Gets or sets what a client that comes back gets instead of what it has missed.</summary>
    public GapAnswer Gap { get; set; }

    /// <summary>Gets or sets whether a message, by its number from 1, is refused.</summary>
    public Func<long, bool> RefusesSay { get; set; } = static _ => false;

    /// <summary>Gets or sets the error of the joins of a connection, by its number; null to join.</summary>
    public Func<int, string?> RefusesJoin { get; set; } = static _ => null;

    /// <summary>Handles a message of a client. Calls <paramref name="say"/> for the text of a <c>say</c>, with its room.</summary>
    public void Take(ServerConnection connection, string text, Action<string, string> say, long nextMessage)
    {
        var lines = text.Split('\n');
        Dictionary<string, string> since = [];
        for (var i = 0; i < lines.Length; i++)
        {
            var words = lines[i].Split(' ');
            switch (words[0])
            {
                case "auth":
                    _users.TryAdd(words[1], _users.Count + 1);
                    connection.User = _users[words[1]];
                    Send(connection, $"welcome {connection.User} {connection.Number} 30");
                    break;
                case "since":
                    since[words[1]] = words[2];
                    break;
                case "join":
                    Join(connection, words[1], since);
                    break;
                case "say":
                    var reference = words.Length > 2 ? words[2] : null;
                    if (RefusesSay(nextMessage))
                    {
                        Send(connection, $"error {reference ?? "-"} 4015 say {words[1]} not accepted in time");
                        return;
                    }

                    say(words[1], string.Join('\n', lines[(i + 1)..]));
                    if (reference is not null)
                    {
                        Send(connection, $"ok {reference}");
                    }

                    return;
            }
        }

        Send(connection, "at 0,0,0 0");
        Send(connection, $"at 0,0,{connection.User} 0");
    }

    /// <summary>Appends a message to its room and sends it to the members.</summary>
    public void Deliver(string room, string text, Func<int, Fault> faults)
    {
        var log = LogOf(room);
        log.Add(text);
        foreach (var member in _members.Where(member => member.Rooms.Contains(room)))
        {
            member.Deliver(Message(room, log.Count), faults(member.Number));
            if (member.OwesGap)
            {
                member.OwesGap = false;
                Send(member, $"gap {room},0 {log.Count}");
            }
        }
    }

    private void Join(ServerConnection connection, string room, Dictionary<string, string> since)
    {
        if (RefusesJoin(connection.Number) is { } error)
        {
            Send(connection, $"error - {error}");
            return;
        }

        var log = LogOf(room);
        if (since.TryGetValue($"{room},0", out var position))
        {
            Resume(connection, room, int.Parse(position), log.Count);
        }

        var numbers = room.Split(',');
        foreach (var topic in new[] { $"{numbers[0]},0,0", $"0,{numbers[1]},0", $"{room},0" }.Where(connection.Topics.Add))
        {
            Send(connection, $"at {topic} {(topic == $"{room},0" ? log.Count : 0)}");
        }

        if (connection.Rooms.Count == 0)
        {
            _members.Add(connection);
        }

        connection.Rooms.Add(room);
        Send(connection, $"joined {room}");
    }

    private void Resume(ServerConnection connection, string room, int position, int head)
    {
        connection.OwesGap = Gap is GapAnswer.Late;
        if (Gap is GapAnswer.InTime)
        {
            Send(connection, $"gap {room},0 {head}");
        }

        while (Gap is GapAnswer.None && position < head)
        {
            connection.Deliver(Message(room, ++position), ReplayFaults(++_replayed));
        }
    }

    private byte[] Message(string room, int number) => Frames.Make(1, Encoding.UTF8.GetBytes($"{room},0 {number}\n{_logs[room][number - 1]}"));

    private List<string> LogOf(string room)
    {
        if (!_logs.TryGetValue(room, out var log))
        {
            _logs[room] = log = [];
        }

        return log;
    }

    private static void Send(ServerConnection connection, string text) => connection.Write(Frames.Make(1, Encoding.UTF8.GetBytes(text)));
}
