using Direct.Crash.Tests.Clusters;
using Direct.Crash.Tests.Histories;
using Direct.Crash.Tests.Load;
using Direct.Testing.Time;

namespace Direct.Crash.Tests.LongRun;

/// <summary>Represents the clients and publishers of a long run. A third of the clients also end their connections themselves all the time.</summary>
internal sealed class LongRunLoad : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Tally _tally;
    private readonly GatewayList _gateways;
    private readonly ClientTally[] _clients;
    private readonly List<Task> _staying = [];
    private readonly List<Task> _publishing = [];
    private readonly CancellationTokenSource _stopPublishing = new();
    private readonly CancellationTokenSource _stopAll = new();

    public LongRunLoad(Tally tally, GatewayList gateways)
    {
        (_tally, _gateways) = (tally, gateways);
        _clients = [.. Enumerable.Range(0, LongRunPlan.Clients).Select(i => new ClientTally(tally, SessionTable.User(i), LongRunPlan.RoomsOf(i)))];
    }

    /// <summary>Gets the number of deliveries that are missing, but for which there was a <c>gap</c>.</summary>
    public int MissedInGaps => _clients.Sum(static client => client.MissedInGaps);

    /// <summary>Starts the clients, and when all are live the publishers.</summary>
    public async Task StartAsync()
    {
        _staying.AddRange(_clients.Select((client, i) => Task.Run(() =>
            new ResumingClient(client, _gateways, SessionTable.Token(client.User), isRestless: i % 3 == 0).RunAsync(_stopAll.Token))));
        await Deadline.UntilAsync(
            "all clients are live", () => _clients.All(static client => client.IsReady), Patience, () => $"{_clients.Count(static client => client.IsReady)} are");
        var all = _gateways.All;
        _publishing.AddRange(LongRunPlan.Publishers.Select((plan, i) => Task.Run(() => PublishAsync(plan.Aim, plan.Load, all[i % all.Count]))));
    }

    /// <summary>Ends the publishers. Returns the deliveries that have not come after a while.</summary>
    public async Task<IReadOnlyList<string>> FinishAsync()
    {
        await _stopPublishing.CancelAsync();
        await Deadline.RunAsync("publishers end", async token => await Task.WhenAll(_publishing).WaitAsync(token), Patience * 2);
        var until = Clock.Now + 20 * Clock.Second;
        IReadOnlyList<string> outstanding;
        do
        {
            await Deadline.PaceAsync(1000); // messages are under way, or a client is away
            outstanding = [.. _clients.SelectMany(static client => client.Outstanding())];
        }
        while (outstanding.Count > 0 && Clock.Now < until);

        return outstanding;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopPublishing.CancelAsync();
        await _stopAll.CancelAsync();
        await Deadline.RunAsync("clients end", async token => await Task.WhenAll([.. _staying, .. _publishing]).WaitAsync(token), Patience);
        _stopPublishing.Dispose();
        _stopAll.Dispose();
    }

    private async Task PublishAsync(Aim aim, LoadPlan load, GatewayTarget home)
    {
        using var publisher = new Publisher(_tally, _gateways, home, aim, hasIds: true, load);
        await publisher.RunAsync(_stopPublishing.Token, _stopAll.Token);
    }
}
