using Direct.Edge.Rights;
using Direct.Gateway.Rights;
using Direct.Gateway.Sessions;
using Direct.Sessions.Tests.Databases;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace Direct.Sessions.Tests.Rights;

/// <summary>Tests that the query of docs/operate/rights.md answers exactly the platform's rule.</summary>
public sealed class PlatformQueryTests(SharedDatabase database)
{
    private const int Questions = 4000;
    private const int LeastPerBranch = 5;
    private const long Member = 42;
    private const long Group = 7;
    private const long Channel = 3;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Query_RandomRowsAndQuestions_AnswersAsTheRule(int seed)
    {
        var platform = new RandomPlatform(seed, channels: 300);
        var tables = await database.NewPlatformAsync();
        await tables.AddAsync(platform.Data);
        await using var connection = await tables.ConnectAsync();
        var rule = new PlatformRule(platform.Data);

        for (var i = 0; i < Questions; i++)
        {
            var (user, group, channel) = platform.Question();
            var (expected, actual) = (rule.Mask(user, group, channel), await connection.MaskAsync(RightsPage.PlatformQuery, user, group, channel));
            Assert.True(
                expected == actual,
                $"Seed {seed}: the rule gives user {user} in {group},{channel} {expected}, the query {actual}. The channel is "
                + $"{platform.Data.Channels.FirstOrDefault(row => row.Id == channel)}, the member {platform.Data.Members.FirstOrDefault(row => row.GroupId == group && row.UserId == user)}.");
        }

        Assert.All(rule.Reached, branch => Assert.True(branch.Value >= LeastPerBranch, $"seed {seed} reached {branch.Key} {branch.Value} times"));
    }

    // As a gateway asks: a hundred at once, each answered as if it had been asked alone.
    [Fact]
    public async Task Query_AskedByAGatewayForManyAtOnce_AnswersAsTheRule()
    {
        var platform = new RandomPlatform(seed: 5, channels: 300);
        var tables = await database.NewPlatformAsync();
        await tables.AddAsync(platform.Data);
        var rule = new PlatformRule(platform.Data);
        await using var rights = new RightsDatabase(
            Options.Create(new RightsOptions { Mode = RightsMode.Sql, Query = RightsPage.PlatformQuery, ConnectionString = tables.Sessions.ConnectionString }),
            Options.Create(new MySqlSessionOptions()),
            NullLogger<RightsDatabase>.Instance);

        for (var i = 0; i < 20; i++)
        {
            RightsKey[] keys = [.. Enumerable.Range(0, 100).Select(_ => platform.Question()).Select(key => new RightsKey(key.User, key.Group, key.Channel))];
            var found = await rights.FindAsync(keys, TestContext.Current.CancellationToken);
            Assert.Equal(keys.Select(key => new FoundRights(rule.Mask(key.User, key.Group, key.Channel))), found);
        }
    }

    [Fact]
    public async Task QueryWithGroups_EveryUserInEveryGroup_LetsMembersReadInGroupsAndChangesNoChannel()
    {
        var query = RightsPage.PlatformQuery + RightsPage.GroupQuery;
        var platform = new RandomPlatform(seed: 4, channels: 300);
        var tables = await database.NewPlatformAsync();
        await tables.AddAsync(platform.Data);
        await using var connection = await tables.ConnectAsync();
        var rule = new PlatformRule(platform.Data);
        var masks = new HashSet<int>();

        foreach (var (user, group) in RandomPlatform.GroupIds.SelectMany(group => RandomPlatform.UserIds.Select(user => (user, group))))
        {
            var mask = rule.GroupMask(user, group);
            masks.Add(mask);
            Assert.Equal((user, group, mask), (user, group, await connection.MaskAsync(query, user, group, channel: 0)));
        }

        for (var i = 0; i < 300; i++)
        {
            var (user, group, channel) = platform.Question();
            Assert.Equal(channel == 0 ? rule.GroupMask(user, group) : rule.Mask(user, group, channel), await connection.MaskAsync(query, user, group, channel));
        }

        Assert.Equal([0, 1, 7], masks.Order());
    }

    [Theory]
    [InlineData("-1", null, null, 0, 1)]
    [InlineData("0", "0", null, 0, 3)]
    [InlineData("5", "5", "5", 0, 7)]
    [InlineData("15", "51", "55", 0, 0)]
    [InlineData(" 4 , 5 ", ",5", "6,,5,", 0, 7)]
    [InlineData("", " ", ",", 0, 0)]
    [InlineData(null, null, null, 0, 0)]
    [InlineData("-1", "-1", "-1", 0, 3)]
    [InlineData("0", "0", "0", 0, 3)]
    [InlineData("5", "5", "5", 2, 5)]
    [InlineData("5", "5", "5", -20, 5)]
    [InlineData("5", "5", "5", 10, 1)]
    [InlineData("5", "5", "5", 20, 1)]
    [InlineData("5", "5", "5", null, 7)]
    [InlineData(null, "5", null, 0, 2)]
    public async Task Query_MemberWithRoles5And6_MayDoWhatTheRolesOfTheChannelAllow(string? read, string? write, string? control, int? type, int mask)
    {
        var channel = new PlatformChannel(Channel, Group) { ReadRoles = read, WriteRoles = write, ControlRoles = control, Type = type };

        Assert.Equal(mask, await MaskAsync(Member, channel, new PlatformMember(Group, Member, "6, 5")));
    }

    [Theory]
    [InlineData("-1", "-1", 43, 3)]
    [InlineData("-1", "-1", -43, 1)] // anonymous
    [InlineData("0", "0", 43, 0)]
    [InlineData("5", "5", 43, 0)]
    public async Task Query_UserWhoIsNoMember_MayDoWhatEveryoneMay(string read, string write, long user, int mask)
    {
        Assert.Equal(mask, await MaskAsync(user, new PlatformChannel(Channel, Group) { ReadRoles = read, WriteRoles = write }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ,, ")]
    public async Task Query_MemberWithoutRoles_IsStillAMember(string? roles)
    {
        var channel = new PlatformChannel(Channel, Group) { ReadRoles = "0", WriteRoles = "5,,", ControlRoles = ",," };

        Assert.Equal(1, await MaskAsync(Member, channel, new PlatformMember(Group, Member, roles)));
    }

    // The roles of a member become a pattern. Text that is not a list of ids must not become one that matches everything.
    [Theory]
    [InlineData(".*")]
    [InlineData("[0-9]")]
    [InlineData("5|6")]
    [InlineData("(")]
    [InlineData("+5")]
    public async Task Query_RolesThatAreNoListOfIds_AreNoRoles(string roles)
    {
        var channel = new PlatformChannel(Channel, Group) { ReadRoles = "0,5", WriteRoles = "5,6", ControlRoles = "5,6" };

        Assert.Equal(1, await MaskAsync(Member, channel, new PlatformMember(Group, Member, roles)));
    }

    [Fact]
    public async Task Query_BlockedOwnerPlusAndMinus_ApplyInThisOrder()
    {
        var plain = new PlatformChannel(Channel, Group) { ReadRoles = "-1", WriteRoles = "-1" };
        var plus = plain with { PlusUsers = "1, 42", MinusUsers = "42" };
        var (member, blockedMember) = (new PlatformMember(Group, Member, ""), new PlatformMember(Group, Member, "", Block: 1));

        Assert.Equal(0, await MaskAsync(Member, plus, member, owner: Member, blocked: 1));
        Assert.Equal(0, await MaskAsync(Member, plus, blockedMember, owner: Member));
        Assert.Equal(7, await MaskAsync(Member, plus, member, owner: Member));
        Assert.Equal(7, await MaskAsync(Member, plain with { MinusUsers = "42", Type = 10 }, owner: Member));
        Assert.Equal(1, await MaskAsync(Member, plus, member)); // instead of the 3 of everyone
        Assert.Equal(0, await MaskAsync(Member, plain with { PlusUsers = "4", MinusUsers = "1,42" }, member));
        Assert.Equal(3, await MaskAsync(Member, plain with { PlusUsers = "4,142", MinusUsers = "2,421" }, member));
    }

    [Fact]
    public async Task Query_RoomThatIsNoChannelOfItsGroup_AnswersNothing()
    {
        var channel = new PlatformChannel(Channel, Group) { ReadRoles = "-1", WriteRoles = "-1" };

        Assert.Equal(3, await MaskAsync(Member, channel, asks: (Group, Channel)));
        Assert.Equal(0, await MaskAsync(Member, channel, asks: (8, Channel)));
        Assert.Equal(0, await MaskAsync(Member, channel, asks: (Group, 4)));
        Assert.Equal(0, await MaskAsync(Member, channel, asks: (Group, 0), owner: Member));
        Assert.Equal(0, await MaskAsync(Member, channel, asks: (0, Channel)));
        Assert.Equal(3, await MaskAsync(Member, channel with { GroupId = 0 }, asks: (0, Channel)));
        Assert.Equal(0, await MaskAsync(0, channel with { PlusUsers = "0" }, owner: 0)); // no connection has the user 0
    }

    [Theory]
    [InlineData("TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", "TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")]
    [InlineData("VARCHAR(200) CHARACTER SET latin1", "TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")]
    [InlineData("VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", "VARCHAR(200) CHARACTER SET latin1")]
    [InlineData("VARBINARY(200)", "TEXT CHARACTER SET utf8mb4")]
    public async Task Query_ListsOfDifferentCollations_AreCompared(string listOfChannels, string listOfMembers)
    {
        var tables = await database.NewPlatformAsync(listOfChannels, listOfMembers);
        await tables.AddAsync(new PlatformData
        {
            Channels = [new PlatformChannel(Channel, Group) { ReadRoles = "5", WriteRoles = "6", ControlRoles = "7", PlusUsers = "1", MinusUsers = "2" }],
            Members = [new PlatformMember(Group, Member, "5, 7")],
        });
        await using var connection = await tables.ConnectAsync();

        Assert.Equal(5, await connection.MaskAsync(RightsPage.PlatformQuery, Member, Group, Channel));
        Assert.Equal(1, await connection.MaskAsync(RightsPage.PlatformQuery, 1, Group, Channel));
    }

    [Fact]
    public async Task Query_InLargeTables_ReadsOneRowOfEachByItsPrimaryKey()
    {
        var tables = await database.NewPlatformAsync();
        await tables.Sessions.InTableAsync(
            """
            INSERT INTO channel SELECT seq, seq % 10, 0, '5', '5', '5', NULL, '' FROM seq_1_to_2000;
            INSERT INTO member SELECT seq % 10, seq, '5, 6', 0 FROM seq_1_to_2000;
            INSERT INTO `group` SELECT seq, 1 FROM seq_0_to_2000;
            INSERT INTO user (id, blocked) SELECT seq, 0 FROM seq_1_to_2000;
            ANALYZE TABLE channel, member, `group`, user
            """);
        await using var connection = await tables.ConnectAsync();

        Assert.Equal(["c", "g", "u", "member"], await TablesByPrimaryKeyAsync(connection, RightsPage.PlatformQuery, channel: 14));
        Assert.Equal(["g", "u", "m"], await TablesByPrimaryKeyAsync(connection, RightsPage.GroupQuery.Replace("UNION ALL", "", StringComparison.Ordinal), channel: 0));
    }

    [Fact]
    public async Task Query_AskedByTheUserOfThePage_IsAnsweredAndNothingElseIsAllowed()
    {
        var tables = await database.NewPlatformAsync();
        await tables.AddAsync(new PlatformData { Channels = [new PlatformChannel(Channel, Group) { ReadRoles = "-1", WriteRoles = "-1" }] });
        await tables.Sessions.InTableAsync(RightsPage.Grants
            .Replace("'10.0.0.%'", "'127.0.0.1'", StringComparison.Ordinal).Replace(" db.", $" {tables.Sessions.Name}.", StringComparison.Ordinal));
        var user = new MySqlConnectionStringBuilder(tables.Sessions.ConnectionString) { UserID = "direct_rights", Password = "…", AllowUserVariables = true };
        await using var connection = new MySqlConnection(user.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);

        Assert.Equal(3, await connection.MaskAsync(RightsPage.PlatformQuery, Member, Group, Channel));
        foreach (var statement in new[] { "SELECT token FROM session", "UPDATE channel SET read_role_ids = '-1'", "DELETE FROM member" })
        {
            await using var command = new MySqlCommand(statement, connection);
            var refusal = await Assert.ThrowsAsync<MySqlException>(() => command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
            Assert.Equal(MySqlErrorCode.TableAccessDenied, refusal.ErrorCode);
        }
    }

    // Returns the names of the tables in the plan, each of which must be one row that is found by the primary key.
    private static async Task<IReadOnlyList<string>> TablesByPrimaryKeyAsync(MySqlConnection connection, string query, long channel)
    {
        await using var explain = connection.Ask($"EXPLAIN {query}", user: 1234, group: 4, channel);
        await using var reader = await explain.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var names = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal(("const", "PRIMARY", "1"), ($"{reader["type"]}", $"{reader["key"]}", $"{reader["rows"]}"));
            names.Add($"{reader["table"]}");
        }

        return names;
    }

    private async Task<int> MaskAsync(
        long user, PlatformChannel channel, PlatformMember? member = null, long? owner = null, int? blocked = 0, (long Group, long Channel)? asks = null)
    {
        var tables = await database.NewPlatformAsync();
        await tables.AddAsync(new PlatformData
        {
            Channels = [channel],
            Groups = [new PlatformGroup(Group, owner)],
            Members = member is null ? [] : [member],
            Users = [new PlatformUser(user, blocked)],
        });
        await using var connection = await tables.ConnectAsync();
        var (group, id) = asks ?? (Group, Channel);
        return await connection.MaskAsync(RightsPage.PlatformQuery, user, group, id);
    }
}
