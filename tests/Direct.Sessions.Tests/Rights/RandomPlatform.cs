using System.Globalization;

namespace Direct.Sessions.Tests.Rights;

/// <summary>
/// Generates rows of the platform's tables from a seed, and questions about them. Ids come from small sets, so that rows meet, and contain each other
/// as text (1, 12, 21), so that a comparison of parts of an id is noticed.
/// </summary>
internal sealed class RandomPlatform
{
    public static readonly IReadOnlyList<long> UserIds = [1, 2, 12, 21, 112, -1, -2, -12, 9007199254740992, 9007199254740993, long.MaxValue, long.MinValue];
    public static readonly IReadOnlyList<long> GroupIds = [0, 1, 2, 3, 12, 21, 23, 32, -12, 9007199254740992, 9007199254740993, long.MaxValue];

    private static readonly IReadOnlyList<long> Roles = [-1, 0, 1, 2, 12, 21, 112, 2147483648];
    private static readonly int?[] Types = [0, 0, 0, 1, 2, 2, 10, 20, -20, 10, 20, -20, -2, 102, null];
    private static readonly int?[] Flags = [0, 0, 0, 0, null, 2, 1, 1];

    private readonly Random _random;
    private readonly long[] _channelIds;

#pragma warning disable CA5394 // The rows follow from the seed, so that a failure can be repeated.
    public RandomPlatform(int seed, int channels)
    {
        _random = new Random(seed);
        _channelIds = [.. Enumerable.Range(1, channels).Select(number => (long)number), 9007199254740993, long.MaxValue, -7];
        Data = new PlatformData
        {
            Channels = [.. _channelIds.Select(Channel)],
            Groups = [.. GroupIds.Where(_ => Sometimes(0.8)).Select(id => new PlatformGroup(id, Sometimes(0.1) ? null : Any(UserIds)))],
            Users = [.. UserIds.Where(_ => Sometimes(0.8)).Select(id => new PlatformUser(id, Any(Flags)))],
            Members = [.. from id in GroupIds from user in UserIds where Sometimes(0.5) select new PlatformMember(id, user, List(Roles), Any(Flags))],
        };
    }

    public PlatformData Data { get; }

    /// <summary>Returns a user, a group and a channel; most often the group is that of the channel.</summary>
    public (long User, long Group, long Channel) Question()
    {
        var channel = Sometimes(0.03) ? 0 : Sometimes(0.03) ? 1_000_000 + _random.Next() : Any(_channelIds);
        var group = Sometimes(0.85) ? Data.Channels.FirstOrDefault(row => row.Id == channel)?.GroupId : null;
        return (Any(UserIds), group ?? Any(GroupIds), channel);
    }

    private PlatformChannel Channel(long id) => new(id, Sometimes(0.05) ? null : Any(GroupIds))
    {
        ReadRoles = List(Roles),
        WriteRoles = List(Roles),
        ControlRoles = List(Roles),
        PlusUsers = Sometimes(0.6) ? List(UserIds) : List([]),
        MinusUsers = Sometimes(0.6) ? List(UserIds) : List([]),
        Type = Any(Types),
    };

    // Returns NULL, an empty text, spaces, or up to three ids with commas and spaces wherever the platform may leave them.
    private string? List(IReadOnlyList<long> ids)
    {
        var count = ids.Count == 0 ? 0 : _random.Next(4);
        if (count == 0)
        {
            return Any<string?>([null, "", " ", ",", " , ,,"]);
        }

        string[] commas = [",", ", ", " ,", ",,", " , ,  "];
        return Any(["", " ", ",", ", "]) + string.Join(Any(commas), Enumerable.Range(0, count).Select(_ => Any(ids).ToString(CultureInfo.InvariantCulture))) + Any(["", " ", ",", " ,"]);
    }

    private T Any<T>(IReadOnlyList<T> values) => values[_random.Next(values.Count)];

    private bool Sometimes(double probability) => _random.NextDouble() < probability;
#pragma warning restore CA5394
}
