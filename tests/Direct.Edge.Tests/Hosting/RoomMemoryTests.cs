using Direct.Edge.Keeping;
using Direct.Edge.Tests.Fakes;

namespace Direct.Edge.Tests.Hosting;

/// <summary>
/// What a connection and its rooms take on the heap. Runs alone, because others would count. In some rounds arrays that all connections share grow, so a low
/// round counts; not the lowest, because in one the collector may free what was there before.
/// </summary>
[Collection(nameof(Alone))]
public sealed class RoomMemoryTests : IDisposable
{
    private const int Connections = 48;
    private const int Rooms = 96;
    private const int Rounds = 8;

    private readonly TestGateway _gateway = new();

    public void Dispose() => _gateway.Dispose();

    [Theory]
    [InlineData(true, 150)] // rooms of one group share its topic
    [InlineData(false, 200)]
    public async Task Join_AFurtherRoomWhoseTopicsAreThere_TakesLittle(bool isOneGroup, int bytes)
    {
        var clients = new List<InMemoryClient> { await _gateway.JoinDirect2Async(RoomAt(0, isOneGroup)) };
        await JoinAllAsync(clients[0], isOneGroup); // the topics are there, with one member
        var rounds = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var joining = new List<InMemoryClient>();
            for (var i = 0; i < Connections; i++)
            {
                joining.Add(await _gateway.JoinDirect2Async(RoomAt(0, isOneGroup)));
            }

            var before = Settled();
            foreach (var client in joining)
            {
                await JoinAllAsync(client, isOneGroup);
            }

            rounds.Add((Settled() - before) / (double)(Connections * (Rooms - 1)));
            clients.AddRange(joining);
        }

        var perRoom = SecondLowest(rounds);
        TestContext.Current.SendDiagnosticMessage($"{perRoom:0} bytes a room");
        Assert.InRange(perRoom, 20, bytes);
        GC.KeepAlive(clients);
    }

    // Where messages are kept, the topic of its user is kept as well.
    [Theory]
    [InlineData((int)KeepRole.None, -100, 100)]
    [InlineData((int)KeepRole.Leader, 200, 500)]
    public async Task Connection_InOneRoom_TakesLittleMoreThanOneOfTheOriginalDialect(int role, int fewest, int most)
    {
        const int Count = 5_000; // the collector counts memory in pieces of 8 KB
        _gateway.Keep.Role = (KeepRole)role;
        var clients = new List<InMemoryClient>(2 * (Count * Rounds + 1))
        {
            await _gateway.JoinAsync(7, 1),
            await _gateway.JoinDirect2Async("7,1"),
        };
        var (originals, direct2s) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            originals.Add(await MeasureAsync(() => _gateway.JoinAsync(7, 1)));
            direct2s.Add(await MeasureAsync(() => _gateway.JoinDirect2Async("7,1")));
        }

        var (original, direct2) = (SecondLowest(originals), SecondLowest(direct2s));
        TestContext.Current.SendDiagnosticMessage($"{original:0} bytes a connection of the original dialect, {direct2:0} of direct.2");
        Assert.InRange(direct2 - original, fewest, most);
        GC.KeepAlive(clients);

        async Task<double> MeasureAsync(Func<Task<InMemoryClient>> join)
        {
            var before = Settled();
            for (var i = 0; i < Count; i++)
            {
                clients.Add(await join());
                clients[^1].Transport.Forget();
            }

            return (Settled() - before) / (double)Count;
        }
    }

    // At the limit of joins. What a room leaves behind would add up: ten bytes are 180 KB in half an hour.
    [Fact]
    public async Task JoinAndLeave_RandomRoomsForAnHour_TakesNoMoreThanAtItsStart()
    {
        const int Samples = 12, JoinsOfASample = 3_000;
        _gateway.Keep.Role = KeepRole.Leader;
        var random = new Random(1);
        var client = await _gateway.JoinDirect2Async();
        var rooms = new Queue<string>();
        var sizes = new List<double>();
        for (var sample = 0; sample <= Samples; sample++)
        {
            for (var join = 0; join < JoinsOfASample; join++)
            {
                _gateway.Clock.Advance(TimeSpan.FromSeconds(0.1));
                rooms.Enqueue($"{random.NextInt64(1, long.MaxValue)},{random.NextInt64(1, long.MaxValue)}");
                await client.SendTextAsync(rooms.Count > 50 ? $"leave {rooms.Dequeue()}\njoin {rooms.Last()}" : $"join {rooms.Last()}");
                client.Transport.Forget();
            }

            sizes.Add(Settled());
        }

        var growth = Median(sizes[(1 + (Samples / 2))..]) - Median(sizes[1..(1 + (Samples / 2))]);
        TestContext.Current.SendDiagnosticMessage($"{growth:0} bytes more in the second half hour");
        Assert.InRange(growth, double.MinValue, 180_000);
        Assert.Equal(50, client.Connection.RoomsIn(default).Length);
    }

    private static double SecondLowest(List<double> rounds) => rounds.Order().ElementAt(1);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string RoomAt(int i, bool isOneGroup) => isOneGroup ? $"7,{i + 1}" : $"{i + 1},{i + 1}";

    private static async Task JoinAllAsync(InMemoryClient client, bool isOneGroup)
    {
        await client.SendTextAsync(string.Join('\n', Enumerable.Range(1, Rooms - 1).Select(i => $"join {RoomAt(i, isOneGroup)}")));
        client.Transport.Forget();
    }

    private long Settled()
    {
        _gateway.Meters.Forget();
        _gateway.Logger.Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
