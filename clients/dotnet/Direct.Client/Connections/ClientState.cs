using System.Globalization;
using System.Threading.Channels;

namespace Direct.Client;

/// <summary>Represents what a connection keeps while it reconnects. Everything except <see cref="Events"/> is used under <see cref="Gate"/>.</summary>
internal sealed class ClientState(DirectConnectionOptions options)
{
    private long _lastRef;

    public Lock Gate { get; } = new();

    public List<RoomMembership> Rooms { get; } = [.. options.Rooms.Distinct().Select(room => new RoomMembership(room))];

    public List<PendingSay> Says { get; } = [];

    public Positions Positions { get; } = new();

    public long? User { get; set; }

    /// <summary>Gets or sets whether a token that the gateway does not know may be replaced by a newer one.</summary>
    public bool MayRenewToken { get; set; }

    public Channel<DirectEvent> Events { get; } = Channel.CreateBounded<DirectEvent>(new BoundedChannelOptions(options.EventCapacity) { SingleReader = false });

    public string NextRef() => (++_lastRef).ToString(CultureInfo.InvariantCulture);

    public RoomMembership? Find(DirectRoom room) => Rooms.Find(membership => membership.Room == room);

    /// <summary>Removes a room, fails the broadcasts to it, and forgets its positions.</summary>
    public void Remove(RoomMembership membership, DirectException reason)
    {
        Rooms.Remove(membership);
        membership.Fail(reason);
        foreach (var say in Says.FindAll(say => say.Room == membership.Room))
        {
            Remove(say, reason);
        }

        ForgetPositions();
    }

    /// <summary>Removes a broadcast, and confirms it or fails it.</summary>
    public void Remove(PendingSay say, DirectException? failure = null)
    {
        Says.Remove(say);
        if (failure is null)
        {
            say.Confirm();
        }
        else
        {
            say.Fail(failure);
        }
    }

    public void ForgetPositions() => Positions.Keep(Rooms.Select(static membership => membership.Room), User);
}
