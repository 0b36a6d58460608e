namespace Direct.Keeping;

/// <summary>Represents a topic whose messages count for a <see cref="KeepBudget"/>. The budget calls it without holding a lock.</summary>
internal interface IKeptTopic
{
    /// <summary>
    /// Drops the messages up to a ticket that was added to the budget, or all if it was the last one that was added. Releases their bytes.
    /// </summary>
    void Evict(long ticket);

    /// <summary>Ends the topic, if nothing has held it since a window began.</summary>
    void EndWindow(long window);
}
