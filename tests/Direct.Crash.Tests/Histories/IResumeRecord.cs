namespace Direct.Crash.Tests.Histories;

/// <summary>Records what one client of direct.2 sees over all its connections. The calls of one client come one after the other.</summary>
internal interface IResumeRecord
{
    long User { get; }

    /// <summary>Gets the rooms that the client joins.</summary>
    IReadOnlyList<(long Group, long Channel)> Rooms { get; }

    /// <summary>Records that a connection of the client is live in all its topics.</summary>
    void AddLive();

    /// <summary>Records why a connection ended, or could not be made.</summary>
    void AddEnd(string why);

    void AddGap(string part, string position, int connection);

    /// <summary>Records a message.</summary>
    /// <param name="part">The topic.</param>
    /// <param name="position">The position in the topic.</param>
    /// <param name="key">The message.</param>
    /// <param name="connection">The number of the connection of the client, from 1.</param>
    /// <param name="isReplay">Whether the message came before the <c>at</c> of its topic, because the client had missed it.</param>
    void AddMessage(string part, string position, SignalKey key, int connection, bool isReplay);
}
