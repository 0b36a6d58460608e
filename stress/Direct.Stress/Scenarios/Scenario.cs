using System.Runtime.InteropServices;
using Direct.Stress.Options;

namespace Direct.Stress.Scenarios;

/// <summary>Defines what the connections of one process do. All methods are called by the loop's thread.</summary>
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

    /// <summary>Gets the number of messages sent, by room: what each member of the room must receive.</summary>
    public IReadOnlyDictionary<int, long> SentByRoom => _sentByRoom;

    public long Sent { get; private set; }

    public long SentInWindow { get; private set; }

    /// <summary>Gets whether a ping after the join shows when the join is in force.</summary>
    public virtual bool ConfirmsJoin => true;

    /// <summary>Gets whether everything counts, including the opening of the connections.</summary>
    public virtual bool CountsFromTheStart => false;

    /// <summary>Gets whether the run does not wait for messages that were sent before its end.</summary>
    public virtual bool IsAnswered => true;

    /// <summary>Gets the expected deliveries of one message besides those of its room: signals to a target that the user has chosen.</summary>
    public virtual int? ExpectedOfEach => null;

    protected RunContext Run => run;

    /// <summary>Returns the room of the run that a connection joins.</summary>
    public virtual int RoomOf(int number) => number % run.Options.Rooms;

    /// <summary>Returns the group and channel that a connection joins.</summary>
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

    /// <summary>Begins to send.</summary>
    public virtual void Begin(long now)
    {
    }

    /// <summary>Sends the messages that are due. Returns the time of the next ones.</summary>
    public virtual long Continue(long now) => long.MaxValue;

    /// <summary>Ends sending.</summary>
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
