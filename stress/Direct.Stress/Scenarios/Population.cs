using System.Diagnostics;

namespace Direct.Stress.Scenarios;

/// <summary>Opens the connections of one process in batches, and closes them at the end.</summary>
internal sealed class Population : IConnectionOwner
{
    private readonly RunContext _run;
    private readonly Scenario _scenario;
    private readonly StressConnection[] _connections;
    private readonly ConnectDeadlines _deadlines;
    private readonly int _batch;
    private readonly long? _delayTicks;
    private int _started;
    private int _onTheWay;
    private long _nextBatch;

    public Population(RunContext run, Scenario scenario)
    {
        var options = run.Options;
        _run = run;
        _scenario = scenario;
        _connections =
        [
            .. Enumerable.Range(0, options.Connections)
                .Where(run.Assignment.Holds)
                .Select(number => new StressConnection(number, scenario.RoomOf(number), run, this)),
        ];
        _deadlines = new ConnectDeadlines(options.ConnectTimeoutSeconds);
        _batch = Math.Max(1, options.Batch / run.Assignment.Processes);
        _delayTicks = options.DelayMs is { } delay ? delay * Stopwatch.Frequency / 1000 : null;
    }

    public int Requested => _connections.Length;

    public int Succeeded { get; private set; }

    public int Failed { get; private set; }

    /// <summary>Gets the number of connections that were joined and then ended by the server.</summary>
    public int Ended { get; private set; }

    /// <summary>Gets the number of connections that are joined now.</summary>
    public int Ready { get; private set; }

    public IEnumerable<StressConnection> Members => _connections.Where(static connection => connection.State is ConnectionState.Ready);

    public bool IsOpen => _started == _connections.Length && _onTheWay == 0;

    /// <summary>Opens the connections that are due now. Returns the time of the next ones.</summary>
    public long Continue(long now)
    {
        _deadlines.Check(now);
        if (_delayTicks is null)
        {
            while (_started < _connections.Length && _onTheWay < _batch)
            {
                StartNext();
            }
        }
        else if (_onTheWay == 0 && _started < _connections.Length)
        {
            if (now < _nextBatch)
            {
                return _nextBatch;
            }

            for (var i = 0; i < _batch && _started < _connections.Length; i++)
            {
                StartNext();
            }
        }

        return long.MaxValue;
    }

    /// <summary>Closes all open connections.</summary>
    public void Leave()
    {
        foreach (var connection in _connections)
        {
            if (connection.State is ConnectionState.Ready)
            {
                connection.Leave();
            }
            else
            {
                connection.Drop(null);
            }
        }
    }

    /// <summary>Gets whether all close frames were answered.</summary>
    public bool IsGone => _connections.All(static connection => connection.State is ConnectionState.Ended or ConnectionState.New);

    public void OnOpened(StressConnection connection, long now)
    {
        var (group, channel) = _scenario.GroupAndChannelOf(connection.Number);
        connection.Join(group, channel, _scenario.ConfirmsJoin);
        if (!_scenario.ConfirmsJoin)
        {
            OnJoined(connection);
        }
    }

    public void OnJoined(StressConnection connection)
    {
        Succeeded++;
        Ready++;
        Arrived();
        _scenario.OnJoined(connection);
    }

    public void OnMessage(StressConnection connection, ReadOnlySpan<byte> text, long now) => _scenario.OnMessage(connection, text, now);

    public void OnEnded(StressConnection connection, string? error)
    {
        if (error is not null)
        {
            _run.Errors.Add(error);
        }

        if (connection.EndedIn is ConnectionState.Opening or ConnectionState.Joining)
        {
            Failed += error is null ? 0 : 1;
            Arrived();
        }
        else
        {
            Ready--;
            Ended += error is null ? 0 : 1;
            _scenario.OnMemberEnded(connection);
        }
    }

    private void StartNext()
    {
        var connection = _connections[_started++];
        _onTheWay++;
        connection.Connect();
        _deadlines.Watch(connection);
    }

    private void Arrived()
    {
        _onTheWay--;
        if (_onTheWay == 0 && _delayTicks is { } delay)
        {
            _nextBatch = Stopwatch.GetTimestamp() + delay;
        }
    }
}
