namespace Direct.Stress.Scenarios;

/// <summary>
/// Opens connections, joins, closes them and opens the next ones, a batch at a time, as fast as possible. A connection counts if it was begun within
/// the window.
/// </summary>
internal sealed class ConnectScenario(RunContext run) : Scenario(run), IConnectionOwner
{
    private readonly ConnectDeadlines _deadlines = new(run.Options.ConnectTimeoutSeconds);
    private readonly Queue<StressConnection> _leaving = [];
    private readonly int _batch = Math.Max(1, Math.Min(run.Options.Batch, run.Options.Connections) / run.Options.Processes);
    private int _number = run.Assignment.Share;
    private int _onTheWay;
    private bool _isRunning;

    public long Succeeded { get; private set; }

    public long Failed { get; private set; }

    public override bool IsAnswered => _onTheWay == 0;

    public override void Begin(long now) => _isRunning = true;

    public override long Continue(long now)
    {
        _deadlines.Check(now);
        while (_isRunning && _onTheWay < _batch)
        {
            _onTheWay++;
            var connection = new StressConnection(_number, RoomOf(_number), Run, this) { Client = CreateClient(_number) };
            _number = (_number + Run.Assignment.Processes) & int.MaxValue;
            connection.Connect();
            _deadlines.Watch(connection);
        }

        return long.MaxValue;
    }

    public override void StopSending() => _isRunning = false;

    public void OnOpened(StressConnection connection, long now)
    {
        var (group, channel) = GroupAndChannelOf(connection.Number);
        connection.Join(group, channel, confirms: true);
    }

    public override void OnJoined(StressConnection connection)
    {
        _onTheWay--;
        Succeeded += Run.Tally.IsInWindow(connection.ConnectStart) ? 1 : 0;
        connection.Leave();
        _leaving.Enqueue(connection);

        // A server that does not answer a close frame must not use up the descriptors.
        while (_leaving.Count > 1000 || (_leaving.TryPeek(out var first) && first.State is ConnectionState.Ended))
        {
            _leaving.Dequeue().Drop(null);
        }
    }

    public void OnEnded(StressConnection connection, string? error)
    {
        if (error is not null)
        {
            Run.Errors.Add(error);
        }

        if (connection.EndedIn is ConnectionState.Opening or ConnectionState.Joining)
        {
            _onTheWay--;
            Failed += Run.Tally.IsInWindow(connection.ConnectStart) ? 1 : 0;
        }
    }
}
