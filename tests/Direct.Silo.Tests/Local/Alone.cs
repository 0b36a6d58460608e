namespace Direct.Silo.Tests.Local;

/// <summary>Defines the collection of tests of whole clusters. They build, and use separate ports and all processors, so no other test runs at the same time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
