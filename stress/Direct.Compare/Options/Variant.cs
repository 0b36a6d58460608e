namespace Direct.Compare.Options;

/// <summary>Represents one of several variants of Direct: the same program with other arguments.</summary>
internal sealed record Variant(string Name, IReadOnlyList<string> Arguments);
