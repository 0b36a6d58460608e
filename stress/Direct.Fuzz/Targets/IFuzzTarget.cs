namespace Direct.Fuzz.Targets;

/// <summary>One parser, and what must hold whatever it is given.</summary>
internal interface IFuzzTarget
{
    /// <summary>Its name on the command line, and that of the folder of its seeds.</summary>
    string Name { get; }

    /// <summary>Gives the parser an input, and compares what it makes of it with a reference.</summary>
    /// <param name="input">Any bytes.</param>
    /// <param name="maxCuts">At how many places it is cut, at most.</param>
    /// <exception cref="FuzzException">The parser is wrong, or the reference is. Any other exception is the parser's own.</exception>
    void Run(ReadOnlySpan<byte> input, int maxCuts);
}
