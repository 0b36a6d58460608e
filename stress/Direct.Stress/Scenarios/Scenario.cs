using System.Runtime.InteropServices;
using Direct.Stress.Options;

namespace Direct.Stress.Scenarios;

/// <summary>What is done with the connections of one process. Everything is called by the loop's thread.</summary>
internal abstract class Scenario(RunContext run)
{
    private readonly Dictionary<int, long> _sentByRoom = [];

    public static Scenario Create(RunContext run) => run.Options.Scenario switch
    {
        ScenarioName.Chat => new ChatScenario(run),
        ScenarioName.Room => new RoomScenario(run),
        ScenarioName.Connect => new ConnectScenario(run),
        ScenarioName.Signal => new SignalScenario(run),
        _ => new IdleScenario(run),
    };

    /// <summary>Messages sent, by the room that they go to: what each of its members must receive.</summary>
    public IReadOnlyDictionary<int, long> SentByRoom => _sentByRoom;

    public long Sent { get; private set; }

    public long SentInWindow { get; private set; }

    /// <summary>Gets whether a ping behind the join tells when it is in force.</summary>
    public virtual bool ConfirmsJoin => true;

    /// <summary>Gets whether everything counts, the opening of the connections included.</summary>
    public virtual bool CountsFromTheStart => false;

    /// <summary>Gets whether nothing is awaited that was sent before the end.</summary>
    public virtual bool IsAnswered => true;

    /// <summary>Deliveries that are expected of one message beside those of its room: signals to a part of the caller's choice.</summary>
    public virtual int? ExpectedOfEach => null;

    protected RunContext Run => run;

    /// <summary>Returns the room of the run that a connection joins.</summary>
    public virtual int RoomOf(int number) => number % run.Options.Rooms;

    /// <summary>Group and channel that a connection joins.</summary>
    public virtual (long Group, long Channel) GroupAndChannelOf(int number) => (RoomOf(number) + 1, 1);

    public virtual void OnJoined(StressConnection connection)
    {
    }

    public virtual void OnMessage(StressConnection connection, ReadOnlySpan<byte> text, long now)
    {
    }

    public virtual void OnMemberEnded(StressConnection connection)
    {
    }

    /// <summary>Prepares the scenario when all connections are open.</summary>
    public virtual void Prepare(IReadOnlyList<StressConnection> members)
    {
    }

    /// <summary>Sending begins.</summary>
    public virtual void Begin(long now)
    {
    }

    /// <summary>Sends what is due, and returns when more is.</summary>
    public virtual long Continue(long now) => long.MaxValue;

    /// <summary>Nothing more is sent.</summary>
    public virtual void StopSending()
    {
    }

    protected void CountSent(int room, long now)
    {
        Sent++;
        SentInWindow += run.Tally.IsInWindow(now) ? 1 : 0;
        CollectionsMarshal.GetValueRefOrAddDefault(_sentByRoom, room, out _)++;
    }
}
