namespace Direct.Client;

/// <summary>Remembers the last position of each topic, so that the next connection can name it.</summary>
internal sealed class Positions
{
    private readonly Dictionary<DirectPart, string> _positions = [];

    public void Set(DirectPart part, string position) => _positions[part] = position;

    public void Clear() => _positions.Clear();

    /// <summary>Forgets the topics that neither the rooms nor the user need.</summary>
    public void Keep(IEnumerable<DirectRoom> rooms, long? user)
    {
        var needed = rooms.SelectMany(TopicsOf).Append(DirectPart.Everyone).ToHashSet();
        foreach (var part in _positions.Keys.Where(part => !needed.Contains(part) && (part.User == 0 || part.User != user)).ToList())
        {
            _positions.Remove(part);
        }
    }

    /// <summary>Returns the positions of the topics that are those of no room: that of the user, and that of all connections.</summary>
    public IEnumerable<(DirectPart Part, string Position)> OfNoRoom() =>
        _positions.Where(static entry => entry.Key is { Group: 0, Channel: 0 }).Select(static entry => (entry.Key, entry.Value));

    /// <summary>Returns the positions of the topics of a room: the room itself, its group and its channel.</summary>
    public IEnumerable<(DirectPart Part, string Position)> Of(DirectRoom room)
    {
        foreach (var part in TopicsOf(room).Distinct())
        {
            if (part != DirectPart.Everyone && _positions.TryGetValue(part, out var position))
            {
                yield return (part, position);
            }
        }
    }

    private static IEnumerable<DirectPart> TopicsOf(DirectRoom room)
    {
        yield return room.Part;
        yield return DirectPart.ForGroup(room.Group);
        yield return DirectPart.ForChannel(room.Channel);
    }
}
