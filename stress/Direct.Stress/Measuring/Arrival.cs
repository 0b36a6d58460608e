namespace Direct.Stress.Measuring;

/// <summary>Specifies how a message arrived, compared with earlier ones from the same sender to the same receiver.</summary>
internal enum Arrival
{
    /// <summary>It arrived after all earlier ones.</summary>
    InOrder,

    /// <summary>It arrived for the first time, but after a later one.</summary>
    Late,

    /// <summary>It arrived for the second time or more.</summary>
    Again,
}
