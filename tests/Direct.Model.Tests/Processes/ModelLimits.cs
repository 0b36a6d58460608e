namespace Direct.Model.Tests.Processes;

/// <summary>Holds the limits of what is kept in one world.</summary>
/// <param name="Window">How long messages are kept.</param>
/// <param name="BytesPerTopic">The bytes that are kept of a topic.</param>
/// <param name="BytesPerGateway">The bytes that a gateway keeps.</param>
/// <param name="BytesPerSilo">The bytes that a silo keeps.</param>
internal sealed record ModelLimits(TimeSpan Window, int BytesPerTopic, long BytesPerGateway, long BytesPerSilo)
{
    /// <summary>Gets limits that no world reaches.</summary>
    public static ModelLimits Plenty { get; } = new(TimeSpan.FromMinutes(2), 1 << 24, 1L << 30, 1L << 30);
}
