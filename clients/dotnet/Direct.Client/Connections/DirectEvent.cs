namespace Direct.Client;

/// <summary>Represents what happened on a <see cref="DirectConnection"/>: <see cref="DirectMessage"/>, <see cref="DirectGap"/>, <see cref="DirectStateChange"/>, <see cref="DirectRoomJoined"/> or <see cref="DirectRoomLost"/>.</summary>
public abstract record DirectEvent
{
    private protected DirectEvent()
    {
    }
}
