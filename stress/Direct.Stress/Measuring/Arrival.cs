namespace Direct.Stress.Measuring;

/// <summary>How a message came, compared with what came before it from the same sender to the same receiver.</summary>
internal enum Arrival
{
    /// <summary>After all earlier ones that have come.</summary>
    InOrder,

    /// <summary>For the first time, but after a later one.</summary>
    Late,

    /// <summary>For the second time or more.</summary>
    Again,
}
