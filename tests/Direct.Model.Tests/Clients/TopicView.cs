using Direct.Keeping;
using Direct.Model.Tests.Checks;

namespace Direct.Model.Tests.Clients;

/// <summary>Represents what a client knows of one topic, and checks what it receives.</summary>
internal sealed class TopicView(ModelClient client, string part)
{
    private readonly Dictionary<int, int> _seen = []; // the number of gaps before each message
    private readonly List<(Stamp After, Stamp Before, int Number)> _steps = [];
    private int _gaps;

    /// <summary>Gets the last position, as text; null if there is none.</summary>
    public string? Position { get; private set; }

    /// <summary>Gets the last position; none if it is not that of a log.</summary>
    public Stamp Stamp { get; private set; }

    /// <summary>Gets the moment since which every message must arrive.</summary>
    public long Since { get; private set; } = long.MaxValue;

    public bool HasSeen(int number) => _seen.ContainsKey(number);

    public void At(string text, Stamp stamp, long now)
    {
        if (Position is null)
        {
            Since = now;
        }
        else
        {
            Advance(stamp);
        }

        (Position, Stamp) = (text, stamp);
    }

    public void Gap(string text, Stamp stamp, long now)
    {
        _gaps++;
        (Position, Stamp, Since) = (text, stamp, now);
    }

    /// <summary>Forgets the position, so that the client joins as if for the first time.</summary>
    public void Forget() => (Position, Stamp, Since, _gaps) = (null, Stamp.None, long.MaxValue, _gaps + 1);

    /// <summary>Takes a message. Returns what is wrong; null if nothing is.</summary>
    public string? Receive(string text, Stamp stamp, int number)
    {
        if (_seen.TryGetValue(number, out var gaps) && gaps == _gaps)
        {
            return $"{client} has received message {number} in {part} twice";
        }

        _seen[number] = _gaps;
        if (Position is null)
        {
            return $"{client} has received message {number} in {part} before it knew where that stands";
        }

        if (stamp != Stamp.None && Stamp != Stamp.None)
        {
            if (stamp.Offset <= Stamp.Offset)
            {
                return $"{client} has received message {number} in {part} at {client.Short(stamp)} after {client.Short(Stamp)}";
            }

            _steps.Add((Stamp, stamp, number));
        }

        (Position, Stamp) = (text, stamp);
        return null;
    }

    /// <summary>Returns what was passed over between two positions; null if nothing was.</summary>
    public string? FindError(ModelLogs logs)
    {
        foreach (var (after, before, number) in _steps)
        {
            if (!logs.Covers(before.Epoch, after.Epoch, after.Offset))
            {
                return $"{client} went from {client.Short(after)} to {client.Short(before)} in {part}, which is another log";
            }

            var last = number == 0 ? before.Offset : before.Offset - 1;
            for (var offset = after.Offset + 1; offset <= last; offset++)
            {
                if (logs.Find(before.Epoch, offset) is var missed and > 0 && !_seen.ContainsKey(missed) && client.MustReceive(missed))
                {
                    return $"{client} went from {client.Short(after)} to {client.Short(before)} in {part} without message {missed} at {offset}";
                }
            }

            if (number > 0 && logs.Find(before.Epoch, before.Offset) is var found and > 0 && found != number)
            {
                return $"{client} has received message {number} in {part} at {client.Short(before)}, where message {found} is";
            }
        }

        return null;
    }

    private void Advance(Stamp stamp)
    {
        if (stamp != Stamp.None && Stamp != Stamp.None)
        {
            _steps.Add((Stamp, stamp, 0));
        }
    }
}
