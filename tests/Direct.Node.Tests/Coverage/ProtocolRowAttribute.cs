namespace Direct.Node.Tests.Coverage;

/// <summary>Names the row of <see cref="ProtocolTable"/> that a test (or every test of a class) covers.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class ProtocolRowAttribute(string row) : Attribute
{
    public string Row { get; } = row;
}
