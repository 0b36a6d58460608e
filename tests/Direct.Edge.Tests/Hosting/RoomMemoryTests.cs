using Direct.Edge.Tests.Fakes;

namespace Direct.Edge.Tests.Hosting;

/// <summary>What a room of a connection takes on the heap. Runs alone, because others would count.</summary>
[Collection(nameof(Alone))]
public sealed class RoomMemoryTests : IDisposable
{
    private const int Connections = 48;
    private const int Rooms = 96;

    // Arrays that all connections share grow in some rounds. The round in which none has grown counts.
    private const int Rounds = 5;

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

        var perRoom = rounds.Min();
        TestContext.Current.SendDiagnosticMessage($"{perRoom:0} bytes a room");
        Assert.InRange(perRoom, 20, bytes);
        GC.KeepAlive(clients);
    }

    [Fact]
    public async Task Connection_InOneRoom_TakesLittleMoreThanOneOfTheOriginalDialect()
    {
        const int Count = 600;
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

        var (original, direct2) = (originals.Min(), direct2s.Min());
        TestContext.Current.SendDiagnosticMessage($"{original:0} bytes a connection of the original dialect, {direct2:0} of direct.2");
        Assert.InRange(direct2 - original, -100, 100);
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

    private static string RoomAt(int i, bool isOneGroup) => isOneGroup ? $"7,{i + 1}" : $"{i + 1},{i + 1}";

    private static async Task JoinAllAsync(InMemoryClient client, bool isOneGroup)
    {
        await client.SendTextAsync(string.Join('\n', Enumerable.Range(1, Rooms - 1).Select(i => $"join {RoomAt(i, isOneGroup)}")));
        client.Transport.Forget();
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
