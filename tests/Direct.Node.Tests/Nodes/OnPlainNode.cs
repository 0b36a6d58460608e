namespace Direct.Node.Tests.Nodes;

/// <summary>
/// Defines the collection of test classes that share one node with default settings. They change nothing permanently and run one after the other,
/// each with separate group and channel numbers.
/// </summary>
[CollectionDefinition(nameof(OnPlainNode))]
public sealed class OnPlainNode : ICollectionFixture<TestNode>;
