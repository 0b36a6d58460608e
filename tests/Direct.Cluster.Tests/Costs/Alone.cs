namespace Direct.Cluster.Tests.Costs;

/// <summary>Defines the collection of tests that run while no other test runs.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
