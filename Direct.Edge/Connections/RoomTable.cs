using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>
/// Holds the memberships of a connection in the topics of its rooms, and how many rooms use each. Rooms share topics: 7,1 and 7,2 are both in group 7,
/// and the connection is a member of that group once, so it receives what is sent to the group once.
/// </summary>
/// <remarks>
/// A hash table of references with open addressing, about 13 bytes for a topic besides the <see cref="Membership"/>: a dictionary with the topic as
/// its key would take 70. Adding, finding and removing do not depend on the number of rooms. A topic that is a joined room itself is marked, so no
/// other list of rooms is needed.
/// <para>The lock is the object itself. It is taken last of all locks, and nothing is called under it.</para>
/// </remarks>
internal sealed class RoomTable
{
    private const int FewestSlots = 4; // the three topics of one room
    private const ushort Joined = 0x8000;
    private const ushort UsesMask = 0x7FFF;

    private Membership?[] _slots = new Membership?[FewestSlots];
    private ushort[] _uses = new ushort[FewestSlots];
    private int _topics;
    private int _rooms;

    /// <summary>Gets the number of joined rooms.</summary>
    public int Count
    {
        get
        {
            lock (this)
            {
                return _rooms;
            }
        }
    }

    /// <summary>Returns whether the connection is a member of a topic.</summary>
    public bool IsMember(Topic topic)
    {
        lock (this)
        {
            return Find(topic) >= 0;
        }
    }

    /// <summary>Returns the membership in a topic; null if the connection is not a member.</summary>
    public Membership? MembershipIn(Topic topic)
    {
        lock (this)
        {
            return Find(topic) is >= 0 and var slot ? _slots[slot] : null;
        }
    }

    /// <summary>Returns whether the connection has joined this room itself, and not only one that shares its topic.</summary>
    public bool IsJoined(RoomId room)
    {
        lock (this)
        {
            return Find(room.Topic) is >= 0 and var slot && (_uses[slot] & Joined) != 0;
        }
    }

    /// <summary>Lets another room use a topic. Returns false if the connection is not a member of it.</summary>
    public bool TryUse(Topic topic)
    {
        lock (this)
        {
            var slot = Find(topic);
            if (slot < 0)
            {
                return false;
            }

            _uses[slot]++;
            return true;
        }
    }

    /// <summary>Adds a membership in a topic that is not in the table. It is used by one room.</summary>
    public void Add(Membership membership)
    {
        lock (this)
        {
            if ((_topics + 1) * 8 > _slots.Length * 7)
            {
                Resize(_slots.Length + Math.Max(2, _slots.Length / 4));
            }

            Insert(membership, uses: 1);
            _topics++;
        }
    }

    /// <summary>Marks a room as joined, after its topics have been added or used.</summary>
    public void MarkJoined(RoomId room)
    {
        lock (this)
        {
            _uses[Find(room.Topic)] |= Joined;
            _rooms++;
        }
    }

    /// <summary>Removes the mark of a joined room. Its topics are released afterwards.</summary>
    public void MarkLeft(RoomId room)
    {
        lock (this)
        {
            _uses[Find(room.Topic)] &= UsesMask;
            _rooms--;
        }
    }

    /// <summary>Ends the use of a topic by a room. Returns the membership if that was the last use; it is removed.</summary>
    public Membership? Release(Topic topic)
    {
        lock (this)
        {
            var slot = Find(topic);
            if ((--_uses[slot] & UsesMask) != 0)
            {
                return null;
            }

            var membership = _slots[slot];
            RemoveAt(slot);
            _topics--;
            if (_slots.Length > 2 * FewestSlots && _topics < _slots.Length / 4)
            {
                Resize(_slots.Length / 2);
            }

            return membership;
        }
    }

    /// <summary>Returns all memberships.</summary>
    public Membership[] Memberships()
    {
        lock (this)
        {
            return [.. _slots.OfType<Membership>()];
        }
    }

    /// <summary>Returns the joined rooms that <paramref name="target"/> matches, without regard to its user, in order.</summary>
    public RoomId[] Rooms(Target target)
    {
        var rooms = new List<RoomId>();
        lock (this)
        {
            for (var slot = 0; slot < _slots.Length; slot++)
            {
                if ((_uses[slot] & Joined) != 0 && RoomOf(_slots[slot]!.Log!.Topic) is var room && target.Matches(room.Group, room.Channel, target.User))
                {
                    rooms.Add(room);
                }
            }
        }

        return [.. rooms.Order()];
    }

    private static RoomId RoomOf(Topic topic) => topic.Kind is TopicKind.Channel ? new RoomId(0, topic.Id) : new RoomId(topic.Id, topic.ChannelId);

    // The methods below are called under the lock.

    private int HomeOf(Topic topic) => (int)((uint)topic.GetHashCode() % (uint)_slots.Length);

    private int Next(int slot) => slot + 1 == _slots.Length ? 0 : slot + 1;

    private int Find(Topic topic)
    {
        var slot = HomeOf(topic);
        while (_slots[slot] is { } membership)
        {
            if (membership.Log!.Topic == topic)
            {
                return slot;
            }

            slot = Next(slot);
        }

        return -1;
    }

    private void Insert(Membership membership, ushort uses)
    {
        var slot = HomeOf(membership.Log!.Topic);
        while (_slots[slot] is not null)
        {
            slot = Next(slot);
        }

        (_slots[slot], _uses[slot]) = (membership, uses);
    }

    // Moves later entries of the chain back, so that no chain has a hole.
    private void RemoveAt(int hole)
    {
        for (var slot = Next(hole); _slots[slot] is { } membership; slot = Next(slot))
        {
            var home = HomeOf(membership.Log!.Topic);
            var isHomeAfterHole = hole <= slot ? home > hole && home <= slot : home > hole || home <= slot;
            if (!isHomeAfterHole)
            {
                (_slots[hole], _uses[hole]) = (membership, _uses[slot]);
                hole = slot;
            }
        }

        (_slots[hole], _uses[hole]) = (null, 0);
    }

    private void Resize(int slots)
    {
        var (oldSlots, oldUses) = (_slots, _uses);
        (_slots, _uses) = (new Membership?[slots], new ushort[slots]);
        for (var slot = 0; slot < oldSlots.Length; slot++)
        {
            if (oldSlots[slot] is { } membership)
            {
                Insert(membership, oldUses[slot]);
            }
        }
    }
}
