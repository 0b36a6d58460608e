namespace Direct.Compare.Options;

/// <summary>One Direct among several: the same program with other arguments.</summary>
internal sealed record Variant(string Name, IReadOnlyList<string> Arguments);
