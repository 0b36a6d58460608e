using Direct.Edge.Connections;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Connections;

/// <summary>The table against a dictionary, with random joins and leaves.</summary>
public sealed class RoomTableTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    public void Dispose() => _gateway.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void JoinsAndLeaves_InAnyOrder_AreThoseOfADictionary(int seed)
    {
        var random = new Random(seed);
        var (table, rooms, recipient) = (new RoomTable(), new HashSet<RoomId>(), new RecordingRecipient());
        for (var i = 0; i < 20_000; i++)
        {
            var most = 1 + (i / 2_000 % 5 * 40); // grows and shrinks
            var room = new RoomId(random.Next(0, 12), random.Next(1, 30));
            if (rooms.Count < most && rooms.Add(room))
            {
                Join(table, room, recipient);
            }
            else if (rooms.Count > 0)
            {
                room = rooms.Contains(room) ? room : rooms.First();
                rooms.Remove(room);
                Leave(table, room);
            }

            if (i % 100 == 0)
            {
                Assert.Equal(rooms.Order(), table.Rooms(default));
                Assert.Equal(rooms.Count, table.Count);
                Assert.Equal(
                    rooms.SelectMany(Topics).Distinct().OrderBy(topic => $"{topic}"),
                    table.Memberships().Select(membership => membership.Log!.Topic).OrderBy(topic => $"{topic}"));
            }
        }
    }

    [Fact]
    public void IsJoined_AGroupThatOnlyARoomShares_IsFalse()
    {
        var table = new RoomTable();
        Join(table, new RoomId(7, 1), new RecordingRecipient());

        Assert.Equal((true, true, false), (table.IsMember(Topic.Group(7)), table.IsJoined(new RoomId(7, 1)), table.IsJoined(new RoomId(7, 0))));
    }

    private static IEnumerable<Topic> Topics(RoomId room)
    {
        foreach (var topic in room.Topics)
        {
            yield return topic;
        }
    }

    private static void Leave(RoomTable table, RoomId room)
    {
        table.MarkLeft(room);
        foreach (var topic in room.Topics)
        {
            table.Release(topic);
        }
    }

    private void Join(RoomTable table, RoomId room, RecordingRecipient recipient)
    {
        foreach (var topic in room.Topics)
        {
            if (!table.TryUse(topic))
            {
                table.Add(_gateway.Index.Join(topic, recipient));
            }
        }

        table.MarkJoined(room);
    }
}
