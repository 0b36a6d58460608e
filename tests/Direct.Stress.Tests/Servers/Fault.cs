namespace Direct.Stress.Tests.Servers;

/// <summary>What the server does with one delivery.</summary>
internal enum Fault
{
    None,
    Drop,
    Double,

    /// <summary>It is held back until the next one has gone.</summary>
    Swap,
}
