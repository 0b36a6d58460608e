namespace Direct.Silo.Tests.Local;

/// <summary>Signals to one target, numbered from 1. Those with an id are repeated until they are accepted, the others never.</summary>
internal sealed record SignalStream(int Number, long Group, long Channel, bool HasIds)
{
    public string Part => FormattableString.Invariant($"{Group},{Channel},0");

    public bool IsFor(long group, long channel) => (Group == 0 || Group == group) && (Channel == 0 || Channel == channel);
}
