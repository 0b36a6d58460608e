using System.Globalization;

namespace Direct.Sessions.Tests.Rights;

/// <summary>
/// Models the platform's rule over rows in memory, one sentence of the rule after the other. It shares nothing with the query that it checks, and
/// counts which branches of the rule have been reached.
/// </summary>
internal sealed class PlatformRule(PlatformData data)
{
    private readonly Dictionary<long, PlatformChannel> _channels = data.Channels.ToDictionary(channel => channel.Id);
    private readonly Dictionary<long, PlatformGroup> _groups = data.Groups.ToDictionary(group => group.Id);
    private readonly Dictionary<long, PlatformUser> _users = data.Users.ToDictionary(user => user.Id);
    private readonly Dictionary<(long Group, long User), PlatformMember> _members = data.Members.ToDictionary(member => (member.GroupId, member.UserId));
    private readonly Dictionary<RuleBranch, int> _reached = Enum.GetValues<RuleBranch>().ToDictionary(branch => branch, _ => 0);

    /// <summary>Gets how often each branch decided, or contributed to, an answer.</summary>
    public IReadOnlyDictionary<RuleBranch, int> Reached => _reached;

    /// <summary>Returns what a user may do in a channel of a group: the sum of 1 (read), 2 (write) and 4 (control).</summary>
    public int Mask(long user, long group, long channel)
    {
        if (!_channels.TryGetValue(channel, out var row))
        {
            return Decide(channel == 0 ? RuleBranch.GroupWithoutChannel : RuleBranch.NoSuchChannel, 0);
        }

        if (row.GroupId != group)
        {
            return Decide(group == 0 ? RuleBranch.ChannelWithoutGroup : RuleBranch.ChannelOfAnotherGroup, 0);
        }

        if (MaskInGroup(user, group, out var member) is { } mask)
        {
            return mask;
        }

        if (Ids(row.PlusUsers).Contains(user))
        {
            Count(RuleBranch.PlusAndMinus, Ids(row.MinusUsers).Contains(user));
            return Decide(RuleBranch.Plus, 1);
        }

        if (Ids(row.MinusUsers).Contains(user))
        {
            return Decide(RuleBranch.Minus, 0);
        }

        var mayRead = MayRead(row, member);
        var mayWrite = MayWrite(row, member, user);
        Count(RuleBranch.WriteWithoutRead, mayWrite && !mayRead);
        return (mayRead ? 1 : 0) + (mayWrite ? 2 : 0) + (MayControl(row, member, user) ? 4 : 0);
    }

    /// <summary>Returns what a user may do in <c>g,0</c> where members may join their group: they may read, as in any channel of the group.</summary>
    public int GroupMask(long user, long group) =>
        _groups.ContainsKey(group) ? MaskInGroup(user, group, out var member) ?? (member is null ? 0 : 1) : 0;

    // Returns null where the channel decides.
    private int? MaskInGroup(long user, long group, out PlatformMember? member)
    {
        member = _members.GetValueOrDefault((group, user));
        var isOwner = _groups.TryGetValue(group, out var groupRow) && groupRow.OwnerId == user;
        var isUserBlocked = _users.TryGetValue(user, out var userRow) && userRow.Blocked == 1;
        if (isUserBlocked || member?.Block == 1)
        {
            Count(RuleBranch.OwnerIsBlocked, isOwner);
            return Decide(isUserBlocked ? RuleBranch.UserBlocked : RuleBranch.MemberBlocked, 0);
        }

        return isOwner ? Decide(RuleBranch.Owner, 7) : null;
    }

    private bool MayRead(PlatformChannel channel, PlatformMember? member)
    {
        var roles = Ids(channel.ReadRoles);
        if (roles.Contains(-1))
        {
            return Allow(RuleBranch.ReadByEveryone);
        }

        if (roles.Contains(0) && member is not null)
        {
            return Allow(RuleBranch.ReadByMembers);
        }

        if (roles.Overlaps(Ids(member?.Roles)))
        {
            return Allow(RuleBranch.ReadByRole);
        }

        return Refuse(roles.Contains(0) ? RuleBranch.ReadByMembersRefusedToOthers : RuleBranch.ReadRefused);
    }

    private bool MayWrite(PlatformChannel channel, PlatformMember? member, long user)
    {
        var roles = Ids(channel.WriteRoles);
        var (isEveryones, isMembers, isShared) = (roles.Contains(-1), roles.Contains(0) && member is not null, roles.Overlaps(Ids(member?.Roles)));
        if (!isEveryones && !isMembers && !isShared)
        {
            return Refuse(roles.Contains(0) ? RuleBranch.WriteByMembersRefusedToOthers : RuleBranch.WriteRefused);
        }

        if (user <= 0)
        {
            return Refuse(RuleBranch.WriteRefusedToAnonymous);
        }

        return channel.Type switch
        {
            2 => Refuse(RuleBranch.WriteRefusedInType2),
            10 => Refuse(RuleBranch.WriteRefusedInType10),
            20 => Refuse(RuleBranch.WriteRefusedInType20),
            -20 => Refuse(RuleBranch.WriteRefusedInTypeMinus20),
            _ => Allow(isEveryones ? RuleBranch.WriteByEveryone : isMembers ? RuleBranch.WriteByMembers : RuleBranch.WriteByRole),
        };
    }

    // For control, -1 and 0 have no meaning of their own.
    private bool MayControl(PlatformChannel channel, PlatformMember? member, long user)
    {
        var roles = Ids(channel.ControlRoles);
        if (!roles.Overlaps(Ids(member?.Roles)))
        {
            return Refuse(roles.Contains(-1) || (roles.Contains(0) && member is not null) ? RuleBranch.ControlOfEveryoneRefused : RuleBranch.ControlRefused);
        }

        if (user <= 0)
        {
            return Refuse(RuleBranch.ControlRefusedToAnonymous);
        }

        return channel.Type switch
        {
            10 => Refuse(RuleBranch.ControlRefusedInType10),
            20 => Refuse(RuleBranch.ControlRefusedInType20),
            2 => Allow(RuleBranch.ControlByRoleInType2),
            -20 => Allow(RuleBranch.ControlByRoleInTypeMinus20),
            _ => Allow(RuleBranch.ControlByRole),
        };
    }

    private static HashSet<long> Ids(string? list) =>
        [.. (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(id => long.Parse(id, CultureInfo.InvariantCulture))];

    private bool Allow(RuleBranch branch) => Decide(branch, true);

    private bool Refuse(RuleBranch branch) => Decide(branch, false);

    private T Decide<T>(RuleBranch branch, T answer)
    {
        Count(branch, true);
        return answer;
    }

    private void Count(RuleBranch branch, bool isReached) => _reached[branch] += isReached ? 1 : 0;
}
