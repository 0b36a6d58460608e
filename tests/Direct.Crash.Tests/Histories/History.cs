namespace Direct.Crash.Tests.Histories;

/// <summary>All that the test processes saw of one run of a cluster. Filled by many, read when all of them have ended.</summary>
internal sealed class History
{
    private readonly Lock _gate = new();
    private readonly List<ConnectionRecord> _connections = [];
    private readonly List<SignalRecord> _signals = [];
    private readonly List<GatewayFault> _faults = [];
    private int _lastStream;

    public IReadOnlyList<ConnectionRecord> Connections => Copy(_connections);

    public IReadOnlyList<SignalRecord> Signals => Copy(_signals);

    public IReadOnlyList<GatewayFault> Faults => Copy(_faults);

    public int AddStream() => Interlocked.Increment(ref _lastStream);

    public ConnectionRecord AddConnection(int gateway)
    {
        lock (_gate)
        {
            var connection = new ConnectionRecord(_connections.Count + 1, gateway);
            _connections.Add(connection);
            return connection;
        }
    }

    public SignalRecord Add(SignalRecord signal)
    {
        lock (_gate)
        {
            _signals.Add(signal);
            return signal;
        }
    }

    /// <summary>From now on this gateway is not one that lives and is reachable.</summary>
    public GatewayFault AddFault(int gateway, long from)
    {
        lock (_gate)
        {
            var fault = new GatewayFault(gateway, from);
            _faults.Add(fault);
            return fault;
        }
    }

    private IReadOnlyList<T> Copy<T>(List<T> list)
    {
        lock (_gate)
        {
            return [.. list];
        }
    }
}

/// <summary>What a test did to a gateway: killed, froze, cut it off, or told it to end.</summary>
internal sealed record GatewayFault(int Gateway, long From)
{
    /// <summary>Gets or sets when it was well again.</summary>
    public long Until { get; set; } = Clock.Never;
}
