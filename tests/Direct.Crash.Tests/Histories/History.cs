namespace Direct.Crash.Tests.Histories;

/// <summary>Records what the test process saw of one run of a cluster. Many tasks write to it; the checker reads it after all of them have ended.</summary>
internal sealed class History : ISignalHistory
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

    int ISignalHistory.AddStream(Aim aim) => AddStream();

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

    public void Conclude(SignalRecord signal)
    {
        // The checker reads the attempts of every signal.
    }

    /// <summary>Records that from now on this gateway has a fault.</summary>
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

/// <summary>Represents a fault that a test caused at a gateway: it was killed, frozen, cut off, or told to end.</summary>
internal sealed record GatewayFault(int Gateway, long From)
{
    /// <summary>Gets or sets when the fault was over.</summary>
    public long Until { get; set; } = Clock.Never;
}
