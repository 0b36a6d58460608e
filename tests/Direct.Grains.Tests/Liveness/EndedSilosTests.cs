using System.Net;
using Direct.Grains.Liveness;
using Direct.Grains.Tests.Fakes;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Liveness;

public sealed class EndedSilosTests : IAsyncDisposable
{
    private static readonly SiloAddress Local = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress Other = SiloAddress.New(IPAddress.Loopback, 2, 1);

    private readonly FakeConnector _connector = new();
    private readonly FakeMembership _membership = new();
    private readonly FakeVotes _votes = new();
    private readonly RecordingLogger<EndedSilos> _logger = new();
    private readonly FakeSiloLifecycle _lifecycle = new();
    private readonly EndedSilos _endedSilos;

    public EndedSilosTests()
    {
        _endedSilos = new EndedSilos(_connector, _votes, _membership, new LocalSilo(), TimeProvider.System, _logger);
        _endedSilos.Participate(_lifecycle);
        _membership.Set(Local, SiloStatus.Active);
        _membership.Set(Other, SiloStatus.Active);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Closed_NothingListens_VotesUntilTheSiloIsDead()
    {
        _votes.OnVote = () => _membership.Set(Other, _votes.Count == 3 ? SiloStatus.Dead : SiloStatus.Active);
        await StartAsync();

        _connector.End(isClosed: true);
        await Deadline.UntilAsync("the silo is dead", () => _votes.Count == 3);
        await _lifecycle.StopAsync(Cancelled);

        Assert.Equal([Other, Other, Other], _votes.Silos);
        Assert.Single(_logger.Entries, static entry => entry.StartsWith("Warning: Silo ", StringComparison.Ordinal));
    }

    // Votes were cast for some seconds only, and those that could not be written came late: a database that was down for longer kept the silo in the cluster.
    [Fact]
    public async Task Closed_TheTableCannotBeWrittenForLong_VotesUntilItCan()
    {
        const int Failures = 30;
        var time = new ManualTimeProvider();
        using var endedSilos = new EndedSilos(_connector, _votes, _membership, new LocalSilo(), time, _logger);
        var lifecycle = new FakeSiloLifecycle();
        endedSilos.Participate(lifecycle);
        _votes.OnVote = () =>
        {
            if (_votes.Count <= Failures)
            {
                throw new IOException("the table is out of reach");
            }

            _membership.Set(Other, SiloStatus.Dead);
        };
        await lifecycle.StartAsync(Cancelled);
        await Deadline.UntilAsync("a connection", () => _connector.Connections == 1);

        _connector.End(isClosed: true);
        await Deadline.UntilAsync("a vote that is written", () =>
        {
            time.Advance(TimeSpan.FromSeconds(2));
            return _votes.Count > Failures;
        });
        await lifecycle.StopAsync(Cancelled);

        Assert.Equal(Failures + 1, _votes.Count);
    }

    // The system may close the connections of a process that ends before its listener.
    [Fact]
    public async Task Closed_ListensAMomentLonger_Votes()
    {
        _connector.Accepts = 1;
        await StartAsync();

        _connector.End(isClosed: true);

        await Deadline.UntilAsync("a vote", () => _votes.Count > 0);
    }

    [Fact]
    public async Task Closed_TheSiloListens_ConnectsAgainAndDoesNotVote()
    {
        _connector.Accepts = int.MaxValue;
        await StartAsync();

        _connector.End(isClosed: true);
        await Deadline.UntilAsync("a second connection", () => _connector.Connections == 2);

        Assert.Empty(_votes.Silos);
    }

    // What a firewall can do to a silo that lives: it resets its connections and refuses new ones.
    [Fact]
    public async Task Reset_NothingListens_ConnectsAgainAndDoesNotVote()
    {
        await StartAsync();

        _connector.End(isClosed: false);
        await Deadline.UntilAsync("a second connection", () => _connector.Connections == 2);

        Assert.Empty(_votes.Silos);
        Assert.Equal(0, _connector.Looks);
    }

    [Theory]
    [InlineData(SiloStatus.ShuttingDown)]
    [InlineData(SiloStatus.Dead)]
    public async Task Closed_OfASiloThatIsNotActiveAnyMore_DoesNotLook(SiloStatus status)
    {
        await StartAsync();

        _membership.Set(Other, status);
        _connector.End(isClosed: true);
        await _lifecycle.StopAsync(Cancelled);

        Assert.Equal(0, _connector.Looks);
        Assert.Empty(_votes.Silos);
    }

    [Fact]
    public async Task Membership_SiloIsDead_EndsTheConnection()
    {
        await StartAsync();

        _membership.Set(Other, SiloStatus.Dead);

        await Deadline.UntilAsync("the connection is ended", () => _connector.Cancelled == 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _lifecycle.StopAsync(CancellationToken.None);
        _endedSilos.Dispose();
    }

    private async Task StartAsync()
    {
        await _lifecycle.StartAsync(Cancelled);
        await Deadline.UntilAsync("a connection", () => _connector.Connections == 1);
        Assert.Equal(Other, _connector.Silo);
    }

    private sealed class FakeConnector : ISiloConnector
    {
        private volatile TaskCompletionSource<bool> _connection = new();
        private int _connections;
        private int _looks;
        private int _cancelled;

        public int Connections => Volatile.Read(ref _connections);

        public int Looks => Volatile.Read(ref _looks);

        public int Cancelled => Volatile.Read(ref _cancelled);

        public SiloAddress? Silo { get; private set; }

        /// <summary>The number of looks that find a listener; the others are refused.</summary>
        public int Accepts { get; set; }

        public void End(bool isClosed) => _connection.SetResult(isClosed);

        public async Task<bool> ConnectUntilClosedAsync(SiloAddress silo, CancellationToken cancellationToken)
        {
            Silo = silo;
            _connection = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Increment(ref _connections);
            try
            {
                return await _connection.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref _cancelled);
                throw;
            }
        }

        public Task<bool> IsRefusedAsync(SiloAddress silo, CancellationToken cancellationToken) =>
            Task.FromResult(Interlocked.Increment(ref _looks) > Accepts);
    }

    private sealed class FakeVotes : IDeathVotes
    {
        private readonly Lock _gate = new();
        private readonly List<SiloAddress> _silos = [];

        public Action? OnVote { get; set; }

        public IReadOnlyList<SiloAddress> Silos
        {
            get
            {
                lock (_gate)
                {
                    return [.. _silos];
                }
            }
        }

        public int Count => Silos.Count;

        public Task VoteAsync(SiloAddress silo, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                _silos.Add(silo);
            }

            OnVote?.Invoke();
            return Task.CompletedTask;
        }
    }

    private sealed class LocalSilo : ILocalSiloDetails
    {
        public string Name => "local";

        public string ClusterId => "test";

        public string DnsHostName => "local";

        public SiloAddress SiloAddress => Local;

        public SiloAddress GatewayAddress => Local;
    }
}
