namespace Direct.Node.Tests.Nodes;

/// <summary>
/// Represents the classes of this collection share one node as it comes. They change nothing that lasts, and run one after the other, each with group and
/// channel separate numbers.
/// </summary>
[CollectionDefinition(nameof(OnPlainNode))]
public sealed class OnPlainNode : ICollectionFixture<TestNode>;
