namespace Direct.Client.Tests.Fakes;

/// <summary>Represents a source of random numbers that always returns the same fraction.</summary>
internal sealed class FixedRandom(double fraction) : Random
{
    public override double NextDouble() => fraction;

    public override int Next(int maxValue) => (int)(fraction * maxValue);
}
