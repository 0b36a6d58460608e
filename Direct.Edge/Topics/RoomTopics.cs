namespace Direct.Edge.Topics;

/// <summary>Enumerates the topics of one room without an allocation.</summary>
internal struct RoomTopics
{
    private readonly Topic _first;
    private readonly Topic _second;
    private readonly Topic _third;
    private readonly int _count;
    private int _next;

    public RoomTopics(Topic only) => (_first, _count) = (only, 1);

    public RoomTopics(Topic first, Topic second, Topic third) => (_first, _second, _third, _count) = (first, second, third, 3);

    public readonly Topic Current => _next switch
    {
        1 => _first,
        2 => _second,
        _ => _third,
    };

    public readonly RoomTopics GetEnumerator() => this;

    public bool MoveNext() => ++_next <= _count;
}
