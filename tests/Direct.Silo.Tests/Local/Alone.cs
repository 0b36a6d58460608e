namespace Direct.Silo.Tests.Local;

/// <summary>Whole clusters: they build, use separate ports and all processors, so no other test runs at the same time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
