using System.Diagnostics;

namespace Direct.Edge.Topics;

/// <summary>
/// Lists the members of a topic without an order, so that the cost of joining and leaving does not depend on their number. It is a struct because
/// every topic has one: keep it in a field.
/// </summary>
internal struct MemberList()
{
    private Membership[] _members = [];

    public int Count { get; private set; }

    public readonly Membership this[int index] => _members[index];

    public void Add(Membership member)
    {
        if (Count == _members.Length)
        {
            Array.Resize(ref _members, Math.Max(1, Count * 2));
        }

        member.Index = Count;
        _members[Count++] = member;
    }

    public void Remove(Membership member)
    {
        Debug.Assert(_members[member.Index] == member, "A member stands where it says it does.");
        var last = _members[--Count];
        _members[member.Index] = last;
        last.Index = member.Index;
        _members[Count] = null!;
        if (Count <= _members.Length / 4 && _members.Length > 8)
        {
            Array.Resize(ref _members, _members.Length / 2);
        }
    }
}
