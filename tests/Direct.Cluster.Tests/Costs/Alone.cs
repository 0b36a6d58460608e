namespace Direct.Cluster.Tests.Costs;

/// <summary>Tests that must have the process to themselves.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
