using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Creates batches and signals for tests.</summary>
internal static class Batches
{
    public static readonly Guid Publisher = Guid.NewGuid();

    public static readonly TopicKey Room = new(TopicScope.Room, 5, 7);

    public static TopicKey User(long id) => new(TopicScope.User, id, 0);

    public static SignalEnvelope Signal(TopicKey topic, long sequence, string? id = null, int bytes = 1) =>
        new(topic, 0, 0, 0, sequence, new byte[bytes], id);

    public static SignalBatch Of(params SignalEnvelope[] signals) => new(Publisher, Lane.Of(signals[0].Topic), 0, signals, 0);

    /// <summary>Returns a batch of one signal to <see cref="Room"/>.</summary>
    public static SignalBatch One(long sequence, int bytes = 1) => Of(Signal(Room, sequence, bytes: bytes));
}
