namespace Direct.Stress.Tests.Servers;

/// <summary>Specifies what the server does with one delivery.</summary>
internal enum Fault
{
    None,
    Drop,
    Double,

    /// <summary>The delivery is held back until the next one has been sent.</summary>
    Swap,
}
