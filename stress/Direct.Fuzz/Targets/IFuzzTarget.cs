namespace Direct.Fuzz.Targets;

/// <summary>Tests one parser, with conditions that must hold for every input.</summary>
internal interface IFuzzTarget
{
    /// <summary>Gets the name on the command line, which is also that of the folder of its seeds.</summary>
    string Name { get; }

    /// <summary>Passes an input to the parser, and compares the result with a reference.</summary>
    /// <param name="input">Any bytes.</param>
    /// <param name="maxCuts">The largest number of positions at which it is cut.</param>
    /// <exception cref="FuzzException">The parser or the reference is wrong. Any other exception is the parser's own.</exception>
    void Run(ReadOnlySpan<byte> input, int maxCuts);
}
