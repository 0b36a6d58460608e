using Direct.Edge.Backplane;
using Direct.Edge.Presence;

namespace Direct.Edge.Tests.Presence;

public sealed class UserPageTests
{
    [Fact]
    public void Merge_OnePlaceOnTwoGateways_IsOneRow()
    {
        var page = UserPage.Merge([Response(hasMore: false, Row(1, 2), Row(3, 1)), Response(hasMore: false, Row(2, 1), Row(3, 4))], 100);

        Assert.Equal([Row(1, 2), Row(2, 1), Row(3, 5)], page.Rows);
        Assert.Null(page.Next);
    }

    /// <summary>Tests that all pages together contain every user once, with any split over gateways and any page size.</summary>
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 3, 2)]
    [InlineData(3, 10, 7)]
    [InlineData(5, 100, 20)]
    public void Merge_AllPagesOfSeveralGateways_AreEveryoneOnce(int gateways, int limit, int gatewayLimit)
    {
        var random = new Random(gateways * limit);
        var held = Enumerable.Range(0, gateways)
            .Select(_ => Enumerable.Range(0, 60).Where(_ => random.Next(3) > 0).Select(user => Row(user - 30, random.Next(1, 4))).ToList())
            .ToList();
        var rows = new List<UserRow>();
        UserRowKey? next = null;

        do
        {
            var after = next;
            var replies = held.Select(all => all.Where(row => after is null || row.Key > after).ToList())
                .Select(left => Response(left.Count > Math.Min(limit, gatewayLimit), [.. left.Take(Math.Min(limit, gatewayLimit))]));
            var page = UserPage.Merge([.. replies], limit);
            Assert.InRange(page.Rows.Count, page.Next is null ? 0 : 1, limit);
            rows.AddRange(page.Rows);
            Assert.InRange(rows.Count, 0, 60); // guards against an endless loop
            next = page.Next;
        }
        while (next is not null);

        var expected = held.SelectMany(all => all).GroupBy(row => row.Key).OrderBy(all => all.Key).Select(all => new UserRow(all.Key, all.Sum(row => row.Connections)));
        Assert.Equal(expected, rows);
    }

    private static UserRow Row(long user, int connections) => new(new UserRowKey(user, 0, 0), connections);

    private static GatewayResponse Response(bool hasMore, params UserRow[] rows) => new(rows.Sum(row => row.Connections)) { Rows = rows, HasMore = hasMore };
}
