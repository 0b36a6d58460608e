using Direct.Crash.Tests.Histories;
using Direct.Testing.Time;

namespace Direct.Crash.Tests.Load;

/// <summary>Starts all clients and publishers that use the cluster while it fails, and stops them in an order that completes every signal.</summary>
internal sealed class LoadDriver(History history, GatewayList gateways, LoadPlan plan) : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLatecomers = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stopPublishing = new();
    private readonly CancellationTokenSource _stopWandering = new();
    private readonly CancellationTokenSource _stopStaying = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly List<StableClient> _stableClients = [];
    private readonly List<Publisher> _publishers = [];
    private readonly List<Task> _publishing = [];
    private readonly List<Task> _wandering = [];
    private readonly List<Task> _staying = [];

    public int Accepted => history.Signals.Count(static signal => signal.Accepted is not null);

    /// <summary>Connects the stable clients, learns the ids of their users, and then starts the other clients and the publishers.</summary>
    public async Task StartAsync()
    {
        var all = gateways.All;
        _stableClients.AddRange(Enumerable.Range(0, plan.StableClients).Select(NewStableClient));
        _staying.AddRange(_stableClients.Select(stableClient => Task.Run(() => stableClient.RunAsync(_stopStaying.Token))));

        await Deadline.UntilAsync("all who stay have joined", () => _stableClients.All(stableClient => stableClient.Connection is not null), TimeSpan.FromSeconds(60),
            () => $"{_stableClients.Count(stableClient => stableClient.Connection is not null)} of {plan.StableClients}");
        await LearnUsersAsync();

        var users = _stableClients.Where((_, i) => i % (plan.StableClients / Math.Max(plan.Users, 1)) == 0).Take(plan.Users).Select(stableClient => stableClient.Connection!.Record.User);
        (Aim, bool)[] aims = [.. plan.Publishers, .. users.Select((user, i) => (new Aim(0, 0, user), i % 2 == 0))];
        for (var i = 0; i < aims.Length; i++)
        {
            var (aim, hasIds) = aims[i];
            var publisher = new Publisher(history, gateways, all[i % all.Count], aim, hasIds, plan);
            _publishers.Add(publisher);
            _publishing.Add(Task.Run(() => publisher.RunAsync(_stopPublishing.Token, _abandon.Token)));
        }

        _publishing.AddRange(_stableClients.Take(plan.Broadcasters).Select(stableClient => Task.Run(() => stableClient.TalkAsync(_stopPublishing.Token))));
        _wandering.Add(Task.Run(() => AddLatecomersAsync(_stopWandering.Token)));
        _wandering.AddRange(Enumerable.Range(0, plan.Hoppers).Select(_ => Task.Run(() => ReconnectingClients.HopAsync(history, gateways, _stopWandering.Token))));
        _wandering.AddRange(Enumerable.Range(0, plan.Visitors).Select(_ => Task.Run(() => ReconnectingClients.VisitAsync(history, gateways, _stopWandering.Token))));
    }

    /// <summary>Stops everything but the stable clients, so that the last accepted signals can still reach them.</summary>
    public async Task StopAsync()
    {
        await _stopPublishing.CancelAsync();
        await Task.WhenAll(_publishing);
        await _stopWandering.CancelAsync();
        await Task.WhenAll(_wandering);
    }

    public async ValueTask DisposeAsync()
    {
        await _abandon.CancelAsync();
        await StopAsync();
        await _stopStaying.CancelAsync();
        _stableClients.ForEach(stableClient => stableClient.Connection?.Dispose());
        await Task.WhenAll(_staying).WaitAsync(TimeSpan.FromSeconds(20)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _publishers.ForEach(publisher => publisher.Dispose());
        _stopPublishing.Dispose();
        _stopWandering.Dispose();
        _stopStaying.Dispose();
        _abandon.Dispose();
    }

    private StableClient NewStableClient(int i)
    {
        var all = gateways.All;
        return new StableClient(history, gateways, all[i % all.Count], plan.Homes[i / all.Count % plan.Homes.Count]);
    }

    private async Task AddLatecomersAsync(CancellationToken stopping)
    {
        for (var i = 0; i < plan.Latecomers && !stopping.IsCancellationRequested; i++)
        {
            var stableClient = NewStableClient(i);
            _stableClients.Add(stableClient);
            _staying.Add(Task.Run(() => stableClient.RunAsync(_stopStaying.Token), CancellationToken.None));
            await Task.Delay(BetweenLatecomers, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Test ids are small and allocated in blocks of a hundred for each gateway, but clients are not told theirs. So a signal with its id is sent to every user.
    private async Task LearnUsersAsync()
    {
        using var line = new SignalLine(gateways.All[0].Port);
        var most = (gateways.All.Count + 1) * 100;
        await Deadline.UntilAsync("everyone has learnt his user id", async () =>
        {
            await line.TryConnectAsync();
            await line.SendAllAsync(Enumerable.Range(1, most).Select(user => ($"0,0,{user}", $"u{user}")), TimeSpan.FromSeconds(30));
            return _stableClients.All(stableClient => stableClient.Connection?.Record.User > 0);
        }, TimeSpan.FromSeconds(60));
    }
}
