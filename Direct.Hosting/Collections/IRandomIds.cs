namespace Direct.Collections;

/// <summary>Draws random ids.</summary>
internal interface IRandomIds
{
    Guid NewGuid();

    /// <summary>Returns a number above 0.</summary>
    long NewLong();
}
